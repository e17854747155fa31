import type { HealingRecord, HealingSpec } from '../../resources/index.ts';
import { ACTIONS_PER_MINUTE, type Share } from './action-shares.ts';
import { allowanceOf } from './budget.ts';
import type { Candidate } from './candidate.ts';
import type { ClusterHealth } from './cluster-health.ts';
import type { ComponentHealth } from './component-health.ts';
import type { HoldReason } from './healing-conditions.ts';
import { type Circumstances, CLUSTER_RETRY_MS, type Hold, LONGEST_MESSAGE } from './healing-step.ts';
import { heldByDoubt } from './rollback-doubts.ts';
import type { StuckPod } from './stuck-pod.ts';

const POOL = `the ${ACTIONS_PER_MINUTE} healing actions a minute of all RestAPIs`;
const SHARE_MESSAGES: Record<Extract<Share, { allowed: false }>['spent'], string> = {
  pool: `Waiting, as ${POOL} are spent`,
  share: `Waiting, as this namespace has spent its share of ${POOL}`,
  turn: `Waiting, as other namespaces have waited longer for one of ${POOL}`,
};

/** A change that a person or a release started is in progress. */
export function heldByPerson({ stuckPod }: Candidate, { release }: Circumstances): Hold | undefined {
  if (release !== undefined) {
    return { next: 'hold', reason: 'ReleaseUnderWay', message: `A release is in progress: ${release}` };
  }
  const { health } = stuckPod;
  if (!health.rollingOut) return undefined;
  const message = `Deployment ${health.deployment} is rolling out a change that healing did not start; waiting for it to finish`;
  return { next: 'hold', reason: 'RolloutUnderWay', message };
}

/** A replacement pod might not start at all. */
export function heldByPlace({ stuckPod, action }: Candidate, components: readonly ComponentHealth[]): Hold | undefined {
  if (action === 'Rollback') return undefined;
  const { refused, deployment } = stuckPod.health;
  if (refused) {
    const message = `Deployment ${deployment} cannot create pods, so healing removes none`;
    return { next: 'hold', reason: 'FailedCreate', message };
  }
  const unscheduled = components
    .flatMap(({ failing }) => failing)
    .find(({ failure }) => failure.reason === 'Unschedulable');
  if (unscheduled) {
    const message = `A new pod might not be scheduled: ${unscheduled.failure.message.slice(0, LONGEST_MESSAGE)}`;
    return { next: 'hold', reason: 'Unschedulable', message };
  }
  return undefined;
}

/** If most components fail, restarting one does not help; an earlier revision might. */
export function heldByMost(
  { action }: Candidate,
  components: readonly ComponentHealth[],
  due: readonly StuckPod[],
): Hold | undefined {
  const failing = new Set(due.map(({ health }) => health.component));
  if (action === 'Rollback' || failing.size < 3 || failing.size * 2 <= components.length) return undefined;
  const message = 'Most components are failing, which suggests a common cause';
  return { next: 'hold', reason: 'MostComponents', message };
}

export function heldByBudget(actions: readonly HealingRecord[], spec: HealingSpec, now: Date): Hold | undefined {
  const allowance = allowanceOf(actions, spec, now);
  if (allowance.allowed) return undefined;
  const { reason, until } = allowance;
  const time = new Date(until).toISOString();
  const message =
    reason === 'BudgetSpent'
      ? `${spec.maxActions} actions in ${spec.windowSeconds} s did not help; no further action before ${time}`
      : `Waiting for the last action to take effect; no further action before ${time}`;
  return { next: 'hold', reason, message, checkAt: until };
}

/** Signs of a problem beyond the RestAPI, or that others are healed first. */
export function heldByCluster(
  candidate: Candidate,
  stuckPods: readonly StuckPod[],
  health: ClusterHealth,
  now: Date,
): Hold | undefined {
  const { mostDegraded, nodesLost, share } = health;
  const hold = (reason: HoldReason, message: string, checkAt = now.getTime() + CLUSTER_RETRY_MS): Hold => ({
    next: 'hold',
    reason,
    message,
    checkAt,
  });
  if (nodesLost)
    return hold('NodesLost', 'Too many nodes are unreachable, which suggests an outage of the cluster or the network');
  if (mostDegraded) {
    return hold('MostDegraded', 'Most RestAPIs are degraded, which suggests a common cause');
  }
  const doubt = heldByDoubt(candidate, stuckPods, health, now);
  if (doubt || share.allowed) return doubt;
  return hold('ManyActions', SHARE_MESSAGES[share.spent], share.until);
}
