import { quantityValue } from '../../operator/schema/index.ts';
import type { ComponentName, RestAPI } from '../../resources/index.ts';

/** Target utilization of the sample's autoscalers, in percent of the requested CPU. */
const TARGET = 60;

/** Autoscaling of the sample under load: each kind of scaling is on for a component where it is seen alone. */
export const SCALING = {
  view: { minReplicas: 2, maxReplicas: 8, targetCPUUtilizationPercentage: TARGET },
  controller: { minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: TARGET, predictive: {} },
  model: { minReplicas: 1, maxReplicas: 8, targetCPUUtilizationPercentage: TARGET, vertical: { mode: 'Recommend' } },
  repository: { enabled: false, vertical: { mode: 'Recommend' } },
} as const;

/** How many pods the load needs at night and at its peak, at the target utilization. */
const NEEDED_PODS: Record<ComponentName, { night: number; peak: number }> = {
  view: { night: 1.2, peak: 4.8 },
  controller: { night: 1.5, peak: 3.6 },
  model: { night: 0.6, peak: 5.6 },
  repository: { night: 0.1, peak: 0.8 },
};

/** Memory that each pod uses at night and at the peak, in MiB. */
const MEMORY = { night: 48, peak: 96 };

/** The played day begins at this hour: the load begins to rise. */
const FIRST_HOUR = 7;

/** Usage of one pod. */
export interface PodLoad {
  /** Cores. */
  cpu: number;
  /** MiB. */
  memory: number;
}

/** The load of a shop over a day, from 0 to 1: quiet at night, a peak before noon and a higher one in the evening. */
export function dayCurve(hour: number): number {
  const peak = (at: number, width: number) => {
    // Around midnight the day before and the day after count.
    const distance = Math.abs(((((hour - at) % 24) + 36) % 24) - 12);
    return Math.exp(-((distance / width) ** 2));
  };
  return Math.min(1, 0.7 * peak(11, 2.6) + peak(19.5, 2.6));
}

/** The hour of the played day. @param dayMs how long a played day takes */
export function playedHour(elapsedMs: number, dayMs: number): number {
  return (FIRST_HOUR + (elapsedMs / dayMs) * 24) % 24;
}

/**
 * What each pod of a component uses, as the load is spread over all of them.
 *
 * @param level from 0 at night to 1 at the peak
 * @param pods running pods; without any, undefined
 */
export function podLoad(api: RestAPI, component: ComponentName, level: number, pods: number): PodLoad | undefined {
  if (pods === 0) return undefined;
  const { night, peak } = NEEDED_PODS[component];
  const needed = night + (peak - night) * level;
  return {
    cpu: (coresAtTarget(api, component) * needed) / pods,
    memory: MEMORY.night + (MEMORY.peak - MEMORY.night) * level,
  };
}

/** Cores that one pod uses at the target utilization. @throws Error if the component requests no CPU */
export function coresAtTarget(api: RestAPI, component: ComponentName): number {
  const requested = quantityValue(api.spec[component].resources.requests?.cpu ?? 0);
  if (!(requested > 0)) {
    throw new Error(
      `RestAPI ${api.metadata.name}: spec.${component}.resources.requests.cpu is missing, so no load can be played: set it`,
    );
  }
  return (requested * TARGET) / 100;
}
