import type { ComponentName, HealingRecord, HealingSpec } from '../../resources/index.ts';
import type { Candidate } from './candidate.ts';
import type { HoldReason } from './healing-conditions.ts';
import { type Circumstances, type Hold, LONGEST_MESSAGE } from './healing-step.ts';
import { fixedByRestart, fixedByRollback, type PodFailure } from './pod-failure.ts';
import { whyProven } from './rollback-doubts.ts';
import { isTrying, type StuckPod } from './stuck-pod.ts';

/** The action to take if nothing holds it; or why no action helps. */
export function findCandidate(
  due: readonly StuckPod[],
  nearlyDue: readonly StuckPod[],
  circumstances: Circumstances,
  spec: HealingSpec,
  actions: readonly HealingRecord[],
  now: Date,
): Candidate | Hold {
  const { rollbackFrom } = circumstances;
  const ofComponent = spec.restartComponents
    ? findMajority(due, nearlyDue, (failure) => fixedByRestart(failure) && failure.reason !== 'NodeLost', now)
    : undefined;
  if (ofComponent && !wasRestarted(ofComponent.stuckPod.health.component)) return restartOf(ofComponent);
  const ofVersion =
    spec.rollback && rollbackFrom !== undefined ? findMajority(due, nearlyDue, fixedByRollback, now) : undefined;
  const proven = ofVersion && whyProven(circumstances, spec, now);
  if (ofVersion && rollbackFrom !== undefined && proven === undefined) {
    return { action: 'Rollback', target: rollbackFrom, ...ofVersion };
  }
  if (ofComponent) return restartOf(ofComponent);
  const ofPod = [...due].sort(byLoss(now)).find((stuckPod) => mayRestart(stuckPod, spec));
  if (ofPod) {
    const { name, uid } = ofPod.pod.metadata;
    const waits = waitForTry(ofPod, spec, now);
    return { action: 'RestartPod', stuckPod: ofPod, target: name, id: uid, ...(waits && { waits }) };
  }
  const hold = noRemedy(due, spec);
  if (hold.reason !== 'NotAskedFor' || proven === undefined) return hold;
  return { next: 'hold', reason: 'RevisionProven', message: `Not rolled back, as ${proven}` };

  function wasRestarted(component: ComponentName): boolean {
    return actions.some(
      ({ action, component: of, at }) =>
        action === 'RestartComponent' &&
        of === component &&
        now.getTime() - Date.parse(at) < spec.windowSeconds * 1_000,
    );
  }
}

type Majority = Pick<Candidate, 'stuckPod' | 'waits'>;

/** A due pod of a component of which more than half fails in such a way. It waits while too many are in their next try. */
function findMajority(
  due: readonly StuckPod[],
  nearlyDue: readonly StuckPod[],
  isFixed: (failure: PodFailure) => boolean,
  now: Date,
): Majority | undefined {
  for (const stuckPod of due.filter(({ failure }) => isFixed(failure))) {
    const { health } = stuckPod;
    const failing = nearlyDue.filter((one) => one.health === health && isFixed(one.failure));
    if (failing.length * 2 <= health.replicas) continue;
    const trying = failing.filter((one) => isTrying(one, now));
    if ((failing.length - trying.length) * 2 > health.replicas) return { stuckPod };
    return { stuckPod, waits: { until: Math.min(...trying.map(({ triesUntil = 0 }) => triesUntil)) } };
  }
  return undefined;
}

function waitForTry(stuckPod: StuckPod, { restartPods }: HealingSpec, now: Date): Candidate['waits'] {
  const { failure, triesUntil } = stuckPod;
  // In the mode Dead until it crashes again, which is an event.
  if (restartPods === 'Dead' && !failure.dead) return {};
  return isTrying(stuckPod, now) && triesUntil !== undefined ? { until: triesUntil } : undefined;
}

function restartOf({ stuckPod, waits }: Majority): Candidate {
  const { deployment, template } = stuckPod.health;
  return { action: 'RestartComponent', stuckPod, target: deployment, id: template, ...(waits && { waits }) };
}

function mayRestart({ health, failure }: StuckPod, { restartPods }: HealingSpec): boolean {
  if (restartPods === 'Never' || !fixedByRestart(failure)) return false;
  // Its volume may still be attached to the unreachable node.
  if (failure.reason === 'NodeLost' && health.recreated) return false;
  if (failure.reason === 'NodeLost' || restartPods === 'Stuck') return true;
  return restartPods === 'Dead' && failure.reason === 'CrashLoopBackOff';
}

/** Orders pods by what is lost with them: of several crashing ones, some may be in their next try. */
function byLoss(now: Date) {
  const loss = (stuckPod: StuckPod) => (stuckPod.failure.dead ? 0 : isTrying(stuckPod, now) ? 2 : 1);
  return (a: StuckPod, b: StuckPod): number => loss(a) - loss(b);
}

function noRemedy(due: readonly StuckPod[], spec: HealingSpec): Hold {
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
