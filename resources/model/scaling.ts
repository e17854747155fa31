import type { ComponentScalingSpec } from '../api/auto-scaling-spec.ts';
import type { ComponentName } from '../api/component-name.ts';
import type { PredictiveScalingSpec } from '../api/predictive-scaling-spec.ts';
import type { RestAPI } from '../api/rest-api.ts';
import type { VerticalScalingSpec } from '../api/vertical-scaling-spec.ts';
import { replicasOf } from './enabled-components.ts';

/** CPU use in percent of the requests that a component is scaled by if nothing else is said. */
const TARGET_CPU: Record<ComponentName, number> = { model: 70, view: 80, controller: 60, repository: 75 };

/**
 * How the number of pods of a component follows its load; undefined: it does not. A component that is stopped by
 * `replicas: 0` is not woken up.
 */
export function scalingOf(api: RestAPI, component: ComponentName): ComponentScalingSpec | undefined {
  const { autoScaling } = api.spec;
  const scaling = autoScaling?.[component];
  const on = autoScaling?.enabled && scaling?.enabled && api.spec[component].enabled && replicasOf(api, component) > 0;
  return on ? scaling : undefined;
}

/** How what the pods of a component request follows what they use; undefined: it does not. */
export function verticalScalingOf(api: RestAPI, component: ComponentName): VerticalScalingSpec | undefined {
  const { autoScaling } = api.spec;
  const vertical = autoScaling?.enabled && api.spec[component].enabled ? autoScaling[component].vertical : undefined;
  return vertical && vertical.mode !== 'Off' ? vertical : undefined;
}

/** How the fewest pods of a component are raised ahead of its load; undefined: they are not. */
export function predictiveScalingOf(api: RestAPI, component: ComponentName): PredictiveScalingSpec | undefined {
  const predictive = scalingOf(api, component)?.predictive;
  return predictive?.enabled ? predictive : undefined;
}

/** CPU that pods should use, in percent of what they request; undefined: it does not count. */
export function targetCpuOf(component: ComponentName, scaling: ComponentScalingSpec): number | undefined {
  const { targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage, metrics = [] } = scaling;
  if (targetCPUUtilizationPercentage !== undefined) return targetCPUUtilizationPercentage;
  const others = targetMemoryUtilizationPercentage !== undefined || metrics.length > 0;
  return others ? undefined : TARGET_CPU[component];
}

/** Pods of a component at its start: what the spec asks for, within the bounds of its scaling. */
export function initialReplicas(api: RestAPI, component: ComponentName): number {
  const asked = replicasOf(api, component);
  const scaling = scalingOf(api, component);
  // Without any pod, nobody could tell whether its version is any good.
  return scaling ? Math.max(1, scaling.minReplicas, Math.min(asked, scaling.maxReplicas)) : asked;
}
