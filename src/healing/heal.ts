import type { StoredObject } from '../../operator/index.ts';
import type { ComponentName, HealingRecord, HealingSpec } from '../../resources/index.ts';
import { allowanceOf } from './budget.ts';
import { ACTIONS_PER_MINUTE, type ClusterHealth, MINUTE_MS } from './cluster-health.ts';
import type { ComponentHealth } from './component-health.ts';
import type { HoldReason } from './healing-conditions.ts';
import { fixedByRestart, fixedByRollback, type PodFailure } from './pod-failure.ts';

/** The next step of healing. */
export type Healing =
  /** `checkAt`: when time alone may change this, milliseconds since 1970. */
  | { next: 'nothing'; checkAt?: number }
  /** Something is wrong, and healing does not act. */
  | { next: 'hold'; reason: HoldReason; message: string; checkAt?: number }
  /** To be recorded in the status first, and executed once it is there. */
  | { next: 'act'; record: HealingRecord };

/** What healing considers apart from the pods. */
export interface Circumstances {
  /** Describes the release in progress; undefined: there is none. */
  release?: string;
  /** When traffic last moved to another environment, milliseconds. */
  switchedAt?: number;
  /** The active revision, if healing may reject it and roll back to another. */
  rollbackFrom?: string;
  /** The state beyond this RestAPI; computed only if healing would act. */
  clusterHealth: () => ClusterHealth;
}

/** When a hold that depends on other RestAPIs is checked again, milliseconds. */
const CLUSTER_RETRY_MS = 15_000;
/** A message in the status may have 1,024 characters. */
const LONGEST_MESSAGE = 1_000;

interface StuckPod {
  health: ComponentHealth;
  pod: StoredObject;
  failure: PodFailure;
  /** When healing may act, milliseconds. */
  due: number;
}

interface Candidate {
  action: HealingRecord['action'];
  stuckPod: StuckPod;
  target: string;
  id?: string;
  /** Whether to wait: the crashing container was just restarted. */
  waits?: boolean;
}

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
  const stuckPods = components.flatMap((health) =>
    health.failing.map(({ pod, failure }): StuckPod => {
      const from = Math.max(failure.since, health.rolledOutAt ?? 0, circumstances.switchedAt ?? 0);
      return { health, pod, failure, due: from + stuckMs };
    }),
  );
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
    heldByCluster(circumstances.clusterHealth(), now) ??
    heldByMost(candidate, components, due);
  if (hold) return hold;
  if (candidate.waits) return { next: 'nothing' };
  const { action, target, id, stuckPod } = candidate;
  const { reason, message } = stuckPod.failure;
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
    },
  };
}

/** The action to take if nothing holds it; or why no action helps. */
function findCandidate(
  due: readonly StuckPod[],
  nearlyDue: readonly StuckPod[],
  { rollbackFrom }: Circumstances,
  spec: HealingSpec,
  actions: readonly HealingRecord[],
  now: Date,
): Candidate | Extract<Healing, { next: 'hold' }> {
  const many = (isFixed: (failure: PodFailure) => boolean) =>
    due.find(({ health, failure }) => {
      const count = nearlyDue.filter((one) => one.health === health && isFixed(one.failure)).length;
      return isFixed(failure) && count * 2 > health.replicas;
    });
  const ofComponent = spec.restartComponents
    ? many((failure) => fixedByRestart(failure) && failure.reason !== 'NodeLost')
    : undefined;
  if (ofComponent && !wasRestarted(ofComponent.health.component)) return restartOf(ofComponent);
  const ofVersion = spec.rollback && rollbackFrom !== undefined ? many(fixedByRollback) : undefined;
  if (ofVersion && rollbackFrom !== undefined) {
    return { action: 'Rollback', stuckPod: ofVersion, target: rollbackFrom };
  }
  if (ofComponent) return restartOf(ofComponent);
  const ofPod = [...due].sort(deadFirst).find((stuckPod) => mayRestart(stuckPod, spec));
  if (ofPod) {
    const { name, uid } = ofPod.pod.metadata;
    const waits = spec.restartPods === 'Dead' && !ofPod.failure.dead;
    return { action: 'RestartPod', stuckPod: ofPod, target: name, id: uid, waits };
  }
  return noRemedy(due, spec);

  function wasRestarted(component: ComponentName): boolean {
    return actions.some(
      ({ action, component: of, at }) =>
        action === 'RestartComponent' &&
        of === component &&
        now.getTime() - Date.parse(at) < spec.windowSeconds * 1_000,
    );
  }
}

function restartOf(stuckPod: StuckPod): Candidate {
  const { deployment, template } = stuckPod.health;
  return { action: 'RestartComponent', stuckPod, target: deployment, id: template };
}

function mayRestart({ health, failure }: StuckPod, { restartPods }: HealingSpec): boolean {
  if (restartPods === 'Never' || !fixedByRestart(failure)) return false;
  // Its volume may still be attached to the unreachable node.
  if (failure.reason === 'NodeLost' && health.recreated) return false;
  return restartPods === 'Stuck' || failure.dead || failure.reason === 'CrashLoopBackOff';
}

/** Of several crashing pods, one may just have been restarted. */
function deadFirst(a: StuckPod, b: StuckPod): number {
  return Number(b.failure.dead) - Number(a.failure.dead);
}

function noRemedy(due: readonly StuckPod[], spec: HealingSpec): Extract<Healing, { next: 'hold' }> {
  const [worst] = [...due].sort((a, b) => Number(fixedByRestart(a.failure)) - Number(fixedByRestart(b.failure)));
  const { failure, health } = worst as StuckPod;
  const { reason, message } = failure;
  const hold = (advice: string, why: HoldReason = reason) => ({
    next: 'hold' as const,
    reason: why,
    message: `${message.slice(0, LONGEST_MESSAGE)}; ${advice}`,
  });
  if (reason === 'OOMKilled') {
    // Only vertical scaling changes memory.
    const remedy = health.memoryGrows
      ? 'vertical scaling raises its memory'
      : 'raise its limits or enable vertical scaling';
    return hold(`out of memory: ${remedy}`, 'OutOfMemory');
  }
  if (!fixedByRestart(failure)) return hold('a new pod would not help');
  if (reason === 'NodeLost' && health.recreated && spec.restartPods !== 'Never') {
    return hold('a new pod could not mount its volume while that node may still use it');
  }
  return hold('spec.healthCheck.healing enables no action for this', 'NotAskedFor');
}

function heldByPerson({ stuckPod }: Candidate, { release }: Circumstances): Healing | undefined {
  if (release !== undefined) {
    return { next: 'hold', reason: 'ReleaseUnderWay', message: `A release is in progress: ${release}` };
  }
  const { health } = stuckPod;
  if (!health.rollingOut) return undefined;
  const message = `Deployment ${health.deployment} is rolling out a change that healing did not start; waiting for it to finish`;
  return { next: 'hold', reason: 'RolloutUnderWay', message };
}

/** A replacement pod might not start at all. */
function heldByPlace({ stuckPod, action }: Candidate, components: readonly ComponentHealth[]): Healing | undefined {
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
function heldByMost(
  { action }: Candidate,
  components: readonly ComponentHealth[],
  due: readonly StuckPod[],
): Healing | undefined {
  const failing = new Set(due.map(({ health }) => health.component));
  if (action === 'Rollback' || failing.size < 3 || failing.size * 2 <= components.length) return undefined;
  const message = 'Most components are failing, which suggests a common cause';
  return { next: 'hold', reason: 'MostComponents', message };
}

function heldByBudget(actions: readonly HealingRecord[], spec: HealingSpec, now: Date): Healing | undefined {
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

function heldByCluster({ mostDegraded, nodesLost, actions }: ClusterHealth, now: Date): Healing | undefined {
  const hold = (reason: HoldReason, message: string, checkAt = now.getTime() + CLUSTER_RETRY_MS): Healing => ({
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
  const oldest = actions.at(-ACTIONS_PER_MINUTE);
  if (oldest === undefined) return undefined;
  const message = `All RestAPIs together are limited to ${ACTIONS_PER_MINUTE} healing actions a minute; waiting`;
  return hold('ManyActions', message, oldest + MINUTE_MS);
}
