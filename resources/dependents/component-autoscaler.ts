import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import type { ComponentScalingSpec } from '../api/auto-scaling-spec.ts';
import { type ComponentName, RestAPI } from '../api/rest-api.ts';
import type { ScalingMetric } from '../api/scaling-metric.ts';
import { activeEnvironment, type Decision, plainDecision } from '../model/decision.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import { commonLabels } from '../model/labels.ts';
import { componentObjectName, environmentObjectName } from '../model/object-names.ts';
import { scalingOf, targetCpuOf } from '../model/scaling.ts';
import { FrontService } from './front-service.ts';

/** The fields of a HorizontalPodAutoscaler (autoscaling/v2) that the operator uses. */
export interface HorizontalPodAutoscaler extends KubernetesObject {
  spec: {
    scaleTargetRef: { apiVersion: string; kind: string; name: string };
    minReplicas: number;
    maxReplicas: number;
    metrics: MetricSource[];
    behavior?: object;
  };
  status?: {
    currentReplicas?: number;
    desiredReplicas?: number;
    currentMetrics?: MetricSource[] | null;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

type Source = 'resource' | 'pods' | 'object' | 'external';

/** A metric with its target (in spec) or its current value (in status). */
export interface MetricSource extends Partial<Record<Source, MetricOfSource>> {
  type: string;
}

interface MetricOfSource {
  name?: string;
  metric?: { name: string; selector?: object };
  describedObject?: object;
  target?: MetricValue;
  current?: MetricValue;
}

interface MetricValue {
  type?: string;
  averageUtilization?: number;
  averageValue?: string;
  value?: string;
}

/**
 * Scales each component by its load. There is one HorizontalPodAutoscaler per component, which follows the active
 * environment: with two, each would count the pods of a release twice, and the history of recommendations would be lost
 * at each switch. Other environments have as many pods as the release needs.
 */
@DependentResource(RestAPI, {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  // The autoscaler must not target an environment before traffic is switched to it.
  dependsOn: [FrontService],
})
export class ComponentAutoscaler implements Dependent<RestAPI, HorizontalPodAutoscaler, Decision | undefined> {
  desired(api: RestAPI, decision: Decision = plainDecision(api)): HorizontalPodAutoscaler[] {
    const active = activeEnvironment(decision);
    return enabledComponents(active.api).flatMap((component) => {
      const scaling = scalingOf(active.api, component);
      if (!scaling) return [];
      const { minReplicas, maxReplicas, behavior } = scaling;
      const ahead = Math.min(maxReplicas, decision.minReplicas?.[component] ?? 0);
      return {
        metadata: { name: componentObjectName(api, component), labels: commonLabels(api, component) },
        spec: {
          scaleTargetRef: {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name: environmentObjectName(api, component, active.name),
          },
          minReplicas: Math.max(minReplicas, ahead),
          maxReplicas,
          metrics: metricsOf(component, scaling),
          ...(behavior && { behavior }),
        },
      };
    });
  }
}

function metricsOf(component: ComponentName, scaling: ComponentScalingSpec): MetricSource[] {
  const { targetMemoryUtilizationPercentage: memory, metrics = [] } = scaling;
  const cpu = targetCpuOf(component, scaling);
  return [
    ...(cpu === undefined ? [] : [utilization('cpu', cpu)]),
    ...(memory === undefined ? [] : [utilization('memory', memory)]),
    ...metrics.map(metricOf),
  ];
}

function utilization(name: 'cpu' | 'memory', averageUtilization: number): MetricSource {
  return { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } };
}

function metricOf({ type, name, matchLabels, object, averageValue, value }: ScalingMetric): MetricSource {
  const metric = { name, ...(matchLabels && { selector: { matchLabels } }) };
  const target =
    averageValue === undefined
      ? { type: 'Value', value: String(value) }
      : { type: 'AverageValue', averageValue: String(averageValue) };
  return { type, [type.toLowerCase()]: { metric, target, ...(object && { describedObject: object }) } };
}
