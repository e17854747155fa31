import type { HealingRecord, HealingSpec } from '../../resources/index.ts';
import type { ComponentHealth } from './component-health.ts';
import { findCandidate } from './find-candidate.ts';
import { type Circumstances, type Healing, LONGEST_MESSAGE } from './healing-step.ts';
import { heldByBudget, heldByCluster, heldByMost, heldByPerson, heldByPlace } from './holds.ts';
import { type StuckPod, stuckPodsOf } from './stuck-pod.ts';

/**
 * Decides what to do about pods that do not recover by themselves. Pure: the same observations give the same step and the
 * same message.
 *
 * One action at a time, the smallest first: restart a pod; restart a component, if more than half of it is stuck; roll
 * back. Signs of a problem beyond this RestAPI, or of a change in progress, hold it.
 *
 * @param components of the active environment
 * @param actions earlier actions, the newest first
 */
export function heal(
  components: readonly ComponentHealth[],
  circumstances: Circumstances,
  spec: HealingSpec,
  actions: readonly HealingRecord[],
  now: Date,
): Healing {
  if (!spec.enabled || (spec.restartPods === 'Never' && !spec.restartComponents && !spec.rollback)) {
    return { next: 'nothing' };
  }
  const stuckMs = spec.stuckSeconds * 1_000;
  const stuckPods = stuckPodsOf(components, circumstances.switchedAt, stuckMs);
  const healing = nextStep(stuckPods, stuckMs / 2, { components, circumstances, spec, actions, now });
  if (healing.next === 'act') return healing;
  // A pod that is not due yet may become one that can be healed, or count together with others.
  const someAreDue = stuckPods.some(({ due }) => due <= now.getTime());
  const times = stuckPods
    .flatMap(({ due }) => (someAreDue ? [due - stuckMs / 2, due] : [due]))
    .filter((time) => time > now.getTime());
  const checkAt = Math.min(healing.checkAt ?? Number.POSITIVE_INFINITY, ...times);
  return checkAt < Number.POSITIVE_INFINITY ? { ...healing, checkAt } : healing;
}

interface Situation {
  components: readonly ComponentHealth[];
  circumstances: Circumstances;
  spec: HealingSpec;
  actions: readonly HealingRecord[];
  now: Date;
}

/** @param nearMs pods of a component rarely fail at the same moment; they count together if due within this time */
function nextStep(
  stuckPods: readonly StuckPod[],
  nearMs: number,
  { components, circumstances, spec, actions, now }: Situation,
): Healing {
  const due = stuckPods.filter((stuckPod) => stuckPod.due <= now.getTime());
  if (due.length === 0) return { next: 'nothing' };
  const nearlyDue = stuckPods.filter((stuckPod) => stuckPod.due - nearMs <= now.getTime());
  const candidate = findCandidate(due, nearlyDue, circumstances, spec, actions, now);
  if ('next' in candidate) return candidate;
  const hold =
    heldByPerson(candidate, circumstances) ??
    heldByPlace(candidate, components) ??
    heldByBudget(actions, spec, now) ??
    heldByCluster(candidate, nearlyDue, circumstances.clusterHealth(), now) ??
    heldByMost(candidate, components, due);
  if (hold) return hold;
  if (candidate.waits) {
    const { until: checkAt } = candidate.waits;
    return { next: 'nothing', ...(checkAt !== undefined && { checkAt }) };
  }
  const { action, target, id, stuckPod } = candidate;
  const { reason, message, lastTermination } = stuckPod.failure;
  return {
    next: 'act',
    record: {
      at: now.toISOString(),
      action,
      component: stuckPod.health.component,
      target,
      ...(id !== undefined && { id }),
      reason,
      message: message.slice(0, LONGEST_MESSAGE),
      ...(lastTermination && { lastTermination }),
    },
  };
}
