import type { ComponentScalingSpec } from './auto-scaling-spec.ts';
import type { ComponentName } from './component-name.ts';
import { replicasOf } from './enabled-components.ts';
import type { RestAPI } from './rest-api.ts';

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
