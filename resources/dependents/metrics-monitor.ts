import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import { type Decision, plainDecision } from '../model/decision.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import { applicationSelector, COMPONENT_LABEL, commonLabels, ENVIRONMENT_LABEL, NAME_LABEL } from '../model/labels.ts';
import { componentMetrics } from '../templates/component-metrics.ts';

export interface PodMonitor extends KubernetesObject {
  spec: {
    selector: object;
    podTargetLabels: string[];
    podMetricsEndpoints: { port: string; path: string; interval?: string }[];
  };
}

/**
 * PodMonitor of the Prometheus Operator for the pods of all environments, with one endpoint per port name; pods without
 * that port are skipped. The pods' labels with the name, component and environment become labels of their metrics, by which a
 * check can tell versions apart: Prometheus spells `restapi.dev/name` as `restapi_dev_name`. Without that kind in the cluster, the pod annotations are sufficient.
 */
@DependentResource(RestAPI, { apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', ifKindMissing: 'ignore' })
export class MetricsMonitor implements Dependent<RestAPI, PodMonitor, Decision | undefined> {
  desired(api: RestAPI, { environments }: Decision = plainDecision(api)): PodMonitor | undefined {
    const found = environments.flatMap((environment) =>
      enabledComponents(environment.api).flatMap((component) => componentMetrics(environment.api, component) ?? []),
    );
    if (found.length === 0) return undefined;
    const interval = api.spec.observability?.metrics?.interval;
    const endpoints = new Map(
      found.map(({ portName, path }) => [
        `${portName} ${path}`,
        { port: portName, path, ...(interval && { interval }) },
      ]),
    );
    return {
      metadata: { name: String(api.metadata.name), labels: commonLabels(api) },
      spec: {
        selector: { matchLabels: applicationSelector(api) },
        podTargetLabels: [NAME_LABEL, COMPONENT_LABEL, ENVIRONMENT_LABEL],
        podMetricsEndpoints: [...endpoints.values()],
      },
    };
  }
}
