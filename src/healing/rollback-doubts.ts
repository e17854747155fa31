import type { HealingSpec } from '../../resources/index.ts';
import type { Candidate } from './candidate.ts';
import type { ClusterHealth } from './cluster-health.ts';
import { type Circumstances, CLUSTER_RETRY_MS, type Hold } from './healing-step.ts';
import { fixedByRollback } from './pod-failure.ts';
import type { StuckPod } from './stuck-pod.ts';

/** A version that was healthy for this share of the rollback window is not the cause of a later failure. */
const PROVEN_SHARE = 0.25;

/**
 * Why the active version is not the likely cause of a failure, however many of its pods fail; undefined: it may be. The
 * words are the same at every call.
 */
export function whyProven(
  { rollbackFrom, switchedAt, unhealthySince }: Circumstances,
  { rollbackWindowSeconds }: Pick<HealingSpec, 'rollbackWindowSeconds'>,
  now: Date,
): string | undefined {
  const revision = `revision ${rollbackFrom}`;
  if (switchedAt === undefined) return `it is not known since when ${revision} serves`;
  const windowMs = rollbackWindowSeconds * 1_000;
  if (now.getTime() - switchedAt > windowMs) {
    return `${revision} has served for longer than rollbackWindowSeconds (${rollbackWindowSeconds} s)`;
  }
  const healthyMs = (unhealthySince ?? now.getTime()) - switchedAt;
  if (healthyMs < windowMs * PROVEN_SHARE) return undefined;
  const healthySeconds = Math.round(healthyMs / 1_000);
  return `${revision} was healthy for ${healthySeconds} s after the switch, a quarter of rollbackWindowSeconds or more`;
}

/** Signs that not the version is the cause but something that others use as well. */
export function heldByDoubt(
  { action, stuckPod: { health } }: Candidate,
  stuckPods: readonly StuckPod[],
  { sharedCause, illNodes }: ClusterHealth,
  now: Date,
): Hold | undefined {
  if (action !== 'Rollback') return undefined;
  const checkAt = now.getTime() + CLUSTER_RETRY_MS;
  if (sharedCause) {
    const message =
      'Other RestAPIs became unhealthy at the same time, which suggests a common cause and not the version';
    return { next: 'hold', reason: 'SharedCause', message, checkAt };
  }
  const failing = stuckPods.filter((one) => one.health === health && fixedByRollback(one.failure));
  const elsewhere = failing.filter(({ pod }) => !illNodes.has(pod.spec?.nodeName ?? ''));
  if (elsewhere.length * 2 > health.replicas || elsewhere.length === failing.length) return undefined;
  const message = `Pods of Deployment ${health.deployment} fail on nodes where those of other RestAPIs fail as well`;
  return { next: 'hold', reason: 'NodeUnhealthy', message, checkAt };
}
