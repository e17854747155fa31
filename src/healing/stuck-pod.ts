import type { StoredObject } from '../../operator/index.ts';
import type { Pod } from '../workload/pod.ts';
import type { ComponentHealth } from './component-health.ts';
import type { PodFailure } from './pod-failure.ts';

/** A pod that is not ready. */
export interface StuckPod {
  health: ComponentHealth;
  pod: StoredObject<Pod>;
  failure: PodFailure;
  /** When healing may act, milliseconds. */
  due: number;
  /** Until when the next try of a crashed container may succeed, milliseconds. */
  triesUntil?: number;
}

/**
 * Returns the pods that are not ready, and when each of them counts as stuck: `stuckMs` after it became unready, after the
 * last rollout and switch, and after its probes no longer let it start.
 *
 * @param switchedAt when traffic last moved to another environment, milliseconds
 */
export function stuckPodsOf(
  components: readonly ComponentHealth[],
  switchedAt: number | undefined,
  stuckMs: number,
): StuckPod[] {
  return components.flatMap((health) =>
    health.failing.map(({ pod, failure }): StuckPod => {
      const { since, startsUntil = 0, lastTermination } = failure;
      // A crash is a failure, whatever time to start was left. So it stays one during the next try.
      const hasCrashed = lastTermination !== undefined && lastTermination.exitCode !== 0;
      const from = Math.max(since, health.rolledOutAt ?? 0, switchedAt ?? 0, hasCrashed ? 0 : startsUntil);
      const tries = hasCrashed && startsUntil > 0;
      return { health, pod, failure, due: from + stuckMs, ...(tries && { triesUntil: startsUntil + stuckMs }) };
    }),
  );
}

/** Whether the container of a pod crashed before, runs again, and may still start. */
export function isTrying({ triesUntil = 0 }: StuckPod, now: Date): boolean {
  return now.getTime() < triesUntil;
}
