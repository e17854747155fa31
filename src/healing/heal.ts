import type { StoredObject } from '../../operator/index.ts';
import type { ComponentName, HealingRecord, HealingSpec } from '../../resources/index.ts';
import { allowanceOf } from './budget.ts';
import { ACTIONS_PER_MINUTE, type ClusterHealth, MINUTE_MS } from './cluster-health.ts';
import type { ComponentHealth } from './component-health.ts';
import { mendedByRestart, mendedByRollback, type PodFailure } from './pod-failure.ts';

/** What is to be done next. */
export type Healing =
  /** `checkAt`: when time alone may change that, milliseconds. */
  | { next: 'nothing'; checkAt?: number }
  /** Something is wrong, and nothing is done about it. */
  | { next: 'hold'; reason: string; message: string; checkAt?: number }
  /** To be written down first, and done when it is. */
  | { next: 'act'; record: HealingRecord };

/** What is known of a RestAPI beside its pods. */
export interface Circumstances {
  /** What is being released, in words; undefined: nothing. */
  release?: string;
  /** When requests last went elsewhere, milliseconds. */
  switchedAt?: number;
  /** Revision that is active and would be given up, if there is one that can be gone back to. */
  canGoBackFrom?: string;
  /** How things stand beyond this RestAPI; asked only where something would be done. */
  fleet: () => ClusterHealth;
}

/** How long a hold may last before it is looked at again, if it depends on other RestAPIs. */
const FLEET_LOOK_MS = 15_000;
/** A message in the status may have 1,024 characters. */
const LONGEST_MESSAGE = 1_000;

interface StuckPod {
  ward: ComponentHealth;
  pod: StoredObject;
  ailment: PodFailure;
  /** From when on something may be done. */
  due: number;
}

interface Candidate {
  action: HealingRecord['action'];
  patient: StuckPod;
  target: string;
  id?: string;
  /** Of a pod that crashes: it has just been started once more. */
  waits?: boolean;
}

/**
 * What to do about the pods of a RestAPI that do not become well by themselves. Pure: the same observations give the same
 * answer, and words that do not change by themselves.
 *
 * One thing at a time, the least first: a pod; a component, if more than half of it is stuck; the whole version.
 * Whatever hints at something bigger than this RestAPI, or at a person at work, holds it.
 *
 * @param wards the components of what is active
 * @param actions what was done before, the newest first
 */
export function heal(
  wards: readonly ComponentHealth[],
  circumstances: Circumstances,
  spec: HealingSpec,
  actions: readonly HealingRecord[],
  now: Date,
): Healing {
  if (!spec.enabled || (spec.restartPods === 'Never' && !spec.restartComponents && !spec.rollback)) {
    return { next: 'nothing' };
  }
  const stuckMs = spec.stuckSeconds * 1_000;
  const patients = wards.flatMap((ward) =>
    ward.ailing.map(({ pod, ailment }): StuckPod => {
      const from = Math.max(ailment.since, ward.rolledOutAt ?? 0, circumstances.switchedAt ?? 0);
      return { ward, pod, ailment, due: from + stuckMs };
    }),
  );
  const healing = next(patients, stuckMs / 2, { wards, circumstances, spec, actions, now });
  if (healing.next === 'act') return healing;
  // Who is not due yet may be somebody for whom something can be done, or may count together with one who is.
  const someAreDue = patients.some(({ due }) => due <= now.getTime());
  const times = patients
    .flatMap(({ due }) => (someAreDue ? [due - stuckMs / 2, due] : [due]))
    .filter((time) => time > now.getTime());
  const checkAt = Math.min(healing.checkAt ?? Number.POSITIVE_INFINITY, ...times);
  return checkAt < Number.POSITIVE_INFINITY ? { ...healing, checkAt } : healing;
}

interface Situation {
  wards: readonly ComponentHealth[];
  circumstances: Circumstances;
  spec: HealingSpec;
  actions: readonly HealingRecord[];
  now: Date;
}

/** @param nearMs pods of a component seldom fall ill at once; they count together when so near to their time */
function next(
  patients: readonly StuckPod[],
  nearMs: number,
  { wards, circumstances, spec, actions, now }: Situation,
): Healing {
  const due = patients.filter((patient) => patient.due <= now.getTime());
  if (due.length === 0) return { next: 'nothing' };
  const nearlyDue = patients.filter((patient) => patient.due - nearMs <= now.getTime());
  const candidate = candidateOf(due, nearlyDue, circumstances, spec, actions, now);
  if ('next' in candidate) return candidate;
  const hold =
    heldByPerson(candidate, circumstances) ??
    heldByPlace(candidate, wards) ??
    heldByBudget(actions, spec, now) ??
    heldByFleet(circumstances.fleet(), now) ??
    heldByMost(candidate, wards, due);
  if (hold) return hold;
  if (candidate.waits) return { next: 'nothing' };
  const { action, target, id, patient } = candidate;
  const { reason, message } = patient.ailment;
  return {
    next: 'act',
    record: {
      at: now.toISOString(),
      action,
      component: patient.ward.component,
      target,
      ...(id !== undefined && { id }),
      reason,
      message: message.slice(0, LONGEST_MESSAGE),
    },
  };
}

/** What would be done if nothing spoke against it; or why there is no remedy. */
function candidateOf(
  due: readonly StuckPod[],
  nearlyDue: readonly StuckPod[],
  { canGoBackFrom }: Circumstances,
  spec: HealingSpec,
  actions: readonly HealingRecord[],
  now: Date,
): Candidate | Extract<Healing, { next: 'hold' }> {
  const many = (mended: (ailment: PodFailure) => boolean) =>
    due.find(({ ward, ailment }) => {
      const count = nearlyDue.filter((one) => one.ward === ward && mended(one.ailment)).length;
      return mended(ailment) && count * 2 > ward.replicas;
    });
  const ofComponent = spec.restartComponents
    ? many((ailment) => mendedByRestart(ailment) && ailment.reason !== 'NodeLost')
    : undefined;
  if (ofComponent && !wasRestarted(ofComponent.ward.component)) return restartOf(ofComponent);
  const ofVersion = spec.rollback && canGoBackFrom !== undefined ? many(mendedByRollback) : undefined;
  if (ofVersion && canGoBackFrom !== undefined) {
    return { action: 'Rollback', patient: ofVersion, target: canGoBackFrom };
  }
  if (ofComponent) return restartOf(ofComponent);
  const ofPod = [...due].sort(deadFirst).find((patient) => mayRestart(patient, spec));
  if (ofPod) {
    const { name, uid } = ofPod.pod.metadata;
    const waits = spec.restartPods === 'Dead' && !ofPod.ailment.dead;
    return { action: 'RestartPod', patient: ofPod, target: name, id: uid, waits };
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

function restartOf(patient: StuckPod): Candidate {
  const { deployment, template } = patient.ward;
  return { action: 'RestartComponent', patient, target: deployment, id: template };
}

function mayRestart({ ward, ailment }: StuckPod, { restartPods }: HealingSpec): boolean {
  if (restartPods === 'Never' || !mendedByRestart(ailment)) return false;
  // Its volume may still be attached to the node that does not answer.
  if (ailment.reason === 'NodeLost' && ward.recreated) return false;
  return restartPods === 'Stuck' || ailment.dead || ailment.reason === 'CrashLoopBackOff';
}

/** Of pods that crash alike one may just have been started once more. */
function deadFirst(a: StuckPod, b: StuckPod): number {
  return Number(b.ailment.dead) - Number(a.ailment.dead);
}

function noRemedy(due: readonly StuckPod[], spec: HealingSpec): Extract<Healing, { next: 'hold' }> {
  const [worst] = [...due].sort((a, b) => Number(mendedByRestart(a.ailment)) - Number(mendedByRestart(b.ailment)));
  const { ailment, ward } = worst as StuckPod;
  const { reason, message } = ailment;
  const hold = (advice: string, why: string = reason) => ({
    next: 'hold' as const,
    reason: why,
    message: `${message.slice(0, LONGEST_MESSAGE)}; ${advice}`,
  });
  if (reason === 'OOMKilled') {
    // Memory is raised in one place only, and that is vertical scaling.
    const remedy = ward.memoryGrows
      ? 'vertical scaling raises its memory'
      : 'raise its limits or enable vertical scaling';
    return hold(`out of memory: ${remedy}`, 'OutOfMemory');
  }
  if (!mendedByRestart(ailment)) return hold('a new pod would not help');
  if (reason === 'NodeLost' && ward.recreated && spec.restartPods !== 'Never') {
    return hold('a new pod could not mount its volume while that node may still use it');
  }
  return hold('spec.healthCheck.healing enables no action for this', 'NotAskedFor');
}

function heldByPerson({ patient }: Candidate, { release }: Circumstances): Healing | undefined {
  if (release !== undefined) {
    return { next: 'hold', reason: 'ReleaseUnderWay', message: `A release is in progress: ${release}` };
  }
  const { ward } = patient;
  if (!ward.rollingOut) return undefined;
  const message = `Deployment ${ward.deployment} is rolling out a change that healing did not start; waiting for it to finish`;
  return { next: 'hold', reason: 'RolloutUnderWay', message };
}

/** A new pod might not come up at all. */
function heldByPlace({ patient, action }: Candidate, wards: readonly ComponentHealth[]): Healing | undefined {
  if (action === 'Rollback') return undefined;
  const { refused, deployment } = patient.ward;
  if (refused) {
    const message = `Deployment ${deployment} cannot create pods, so healing removes none`;
    return { next: 'hold', reason: 'FailedCreate', message };
  }
  const homeless = wards.flatMap(({ ailing }) => ailing).find(({ ailment }) => ailment.reason === 'Unschedulable');
  if (homeless) {
    const message = `A new pod might not be scheduled: ${homeless.ailment.message.slice(0, LONGEST_MESSAGE)}`;
    return { next: 'hold', reason: 'Unschedulable', message };
  }
  return undefined;
}

/** What ails most components is mended in none of them; an earlier version may not have it. */
function heldByMost(
  { action }: Candidate,
  wards: readonly ComponentHealth[],
  due: readonly StuckPod[],
): Healing | undefined {
  const ailing = new Set(due.map(({ ward }) => ward.component));
  if (action === 'Rollback' || ailing.size < 3 || ailing.size * 2 <= wards.length) return undefined;
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

function heldByFleet({ mostDegraded, nodesLost, actions }: ClusterHealth, now: Date): Healing | undefined {
  const hold = (reason: string, message: string, checkAt = now.getTime() + FLEET_LOOK_MS): Healing => ({
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
