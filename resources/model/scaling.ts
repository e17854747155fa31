import type { ComponentScalingSpec } from '../api/auto-scaling-spec.ts';
import type { ComponentName } from '../api/component-name.ts';
import type { PredictiveScalingSpec } from '../api/predictive-scaling-spec.ts';
import type { RestAPI } from '../api/rest-api.ts';
import type { VerticalScalingSpec } from '../api/vertical-scaling-spec.ts';
import { replicasOf } from './enabled-components.ts';

/** Default target CPU utilization in percent of the requests. */
const TARGET_CPU: Record<ComponentName, number> = { model: 70, view: 80, controller: 60, repository: 75 };

/** Returns the autoscaling of a component; undefined if it is off or the component is stopped by `replicas: 0`. */
export function scalingOf(api: RestAPI, component: ComponentName): ComponentScalingSpec | undefined {
  const { autoScaling } = api.spec;
  const scaling = autoScaling?.[component];
  const on = autoScaling?.enabled && scaling?.enabled && api.spec[component].enabled && replicasOf(api, component) > 0;
  return on ? scaling : undefined;
}

/** Returns the vertical scaling of a component; undefined if it is off. */
export function verticalScalingOf(api: RestAPI, component: ComponentName): VerticalScalingSpec | undefined {
  const { autoScaling } = api.spec;
  const vertical = autoScaling?.enabled && api.spec[component].enabled ? autoScaling[component].vertical : undefined;
  return vertical && vertical.mode !== 'Off' ? vertical : undefined;
}

/** Returns the predictive scaling of a component; undefined if it is off. */
export function predictiveScalingOf(api: RestAPI, component: ComponentName): PredictiveScalingSpec | undefined {
  const predictive = scalingOf(api, component)?.predictive;
  return predictive?.enabled ? predictive : undefined;
}

/** Returns the target CPU utilization in percent of the requests; undefined if the component is not scaled by CPU. */
export function targetCpuOf(component: ComponentName, scaling: ComponentScalingSpec): number | undefined {
  const { targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage, metrics = [] } = scaling;
  if (targetCPUUtilizationPercentage !== undefined) return targetCPUUtilizationPercentage;
  const others = targetMemoryUtilizationPercentage !== undefined || metrics.length > 0;
  return others ? undefined : TARGET_CPU[component];
}

/** Returns the initial number of pods of a component: `replicas` of the spec, within the bounds of its autoscaling. */
export function initialReplicas(api: RestAPI, component: ComponentName): number {
  const requested = replicasOf(api, component);
  const scaling = scalingOf(api, component);
  // At least one pod, because a version without pods cannot be verified.
  return scaling ? Math.max(1, scaling.minReplicas, Math.min(requested, scaling.maxReplicas)) : requested;
}
