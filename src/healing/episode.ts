import type { HealingStatus } from '../../resources/index.ts';
import { isFailing } from '../blue-green/pod-state.ts';
import type { ComponentHealth } from './component-health.ts';
import type { StuckPod } from './stuck-pod.ts';

/** A time in which pods of a RestAPI are unhealthy, with short recoveries. Kept in its status, as pods are replaced. */
export interface Episode {
  /** Milliseconds since 1970. */
  unhealthySince: number;
  /** Since when no pod is unhealthy, milliseconds. */
  healthySince?: number;
}

/** Pods that are healthy for less than this, as between two crashes, do not end an episode, milliseconds. */
export const RELAPSE_MS = 10 * 60_000;
/** What becomes unhealthy within this time may have one cause, milliseconds. */
export const SAME_TIME_MS = 5 * 60_000;

/** Reads an episode from a status; undefined: there is none. */
export function episodeOf({
  unhealthySince = '',
  healthySince = '',
}: Partial<HealingStatus> = {}): Episode | undefined {
  const [from, to] = [Date.parse(unhealthySince), Date.parse(healthySince)];
  if (Number.isNaN(from)) return undefined;
  return { unhealthySince: from, ...(!Number.isNaN(to) && { healthySince: to }) };
}

/** Writes an episode for the status. */
export function episodeStatus({
  unhealthySince,
  healthySince,
}: Episode): Pick<HealingStatus, 'unhealthySince' | 'healthySince'> {
  return {
    unhealthySince: new Date(unhealthySince).toISOString(),
    ...(healthySince !== undefined && { healthySince: new Date(healthySince).toISOString() }),
  };
}

/**
 * Continues, ends or begins an episode. Pure. Pods that start for the first time are neither healthy nor unhealthy. It
 * begins and ends when the Deployment shows it, as the phase does, so that both are written at once.
 *
 * @param components of the active environment, with the pods of them that are not ready
 * @param switchedAt when traffic last moved to another environment, milliseconds: an earlier episode was about other pods
 */
export function nextEpisode(
  before: Episode | undefined,
  components: readonly ComponentHealth[],
  stuckPods: readonly StuckPod[],
  switchedAt: number | undefined,
  now: Date,
): Episode | undefined {
  const stored = before && before.unhealthySince >= (switchedAt ?? 0) ? before : undefined;
  const healthyMs = stored?.healthySince === undefined ? 0 : now.getTime() - stored.healthySince;
  const current = stored && healthyMs < RELAPSE_MS ? stored : undefined;
  const unhealthy = stuckPods.filter((stuckPod) => !stuckPod.health.allAvailable && isUnhealthy(stuckPod, now));
  if (unhealthy.length > 0) {
    const since = Math.min(...unhealthy.map(({ failure }) => Math.max(failure.since, switchedAt ?? 0)));
    return { unhealthySince: current?.unhealthySince ?? since };
  }
  const isHealthy = stuckPods.length === 0 && components.every(({ allAvailable }) => allAvailable);
  if (!current || current.healthySince !== undefined || !isHealthy) return current;
  return { ...current, healthySince: now.getTime() };
}

function isUnhealthy({ pod, failure, due }: StuckPod, now: Date): boolean {
  return isFailing(pod) || failure.reason === 'NodeLost' || due <= now.getTime();
}

/**
 * Whether two RestAPIs became unhealthy at about the same time, and the other still is or only just recovered: one cause
 * is likely then, such as a database, whatever the number of RestAPIs.
 */
export function mayShareCause(own: Episode, other: Episode, now: Date): boolean {
  const isNear = Math.abs(own.unhealthySince - other.unhealthySince) <= SAME_TIME_MS;
  return isNear && (other.healthySince === undefined || now.getTime() - other.healthySince < SAME_TIME_MS);
}
