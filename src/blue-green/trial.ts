import type { StoredObject } from '../../operator/index.ts';
import type { ComponentName, Environment, Front, RestAPI, TrialStatus } from '../../resources/index.ts';
import type { Replicas } from './environments.ts';
import type { ObservedEnvironment } from './observed.ts';
import { rejectionOf } from './rejection.ts';
import { hasSwitched } from './release-status.ts';

/** What the trial of the active revision depends on. */
export interface TrialInputs {
  api: StoredObject<RestAPI>;
  enabled: boolean;
  stopped: boolean;
  front: Front;
  active: Environment;
  activeObserved: ObservedEnvironment | undefined;
  required: Replicas;
  now: Date;
}

/**
 * The trial of the active revision: from the switch until its checks after promotion are over, autoRollbackSeconds have
 * passed and no component is failing. Undefined: the active revision is proven, or there is no proven one to go back to.
 *
 * The trial is kept in the status, so it ends once: neither a longer autoRollbackSeconds nor a retry of the earlier
 * revision puts a proven one on trial again. While the application is stopped the trial is interrupted.
 */
export function trialOf(inputs: TrialInputs): TrialStatus | undefined {
  const { api, enabled, front, stopped, now } = inputs;
  const { revision, previousRevision: proven, switchedAt } = front;
  if (!enabled || !revision || !proven || proven === revision || !switchedAt) return undefined;
  if (rejectionOf(api, revision) || rejectionOf(api, proven)) return undefined;
  const before = earlierTrial(inputs, revision, proven);
  if (!before) return undefined;
  if (stopped) return { revision, proven };
  const trial = { revision, proven, since: before.since ?? now.toISOString() };
  const inWindow = now.getTime() < windowEnd(api, trial);
  const failing = failingComponents(inputs, before.failing, inWindow);
  if (failing.length > 0) return { ...trial, failing };
  return inWindow || checksRun(inputs) ? trial : undefined;
}

/** When autoRollbackSeconds are over, milliseconds since 1970. */
export function windowEnd({ spec }: RestAPI, { since }: TrialStatus): number {
  return Date.parse(since ?? '') + (spec.blueGreen?.autoRollbackSeconds ?? 0) * 1_000;
}

/** When time alone changes a trial, milliseconds since 1970; undefined: it only waits for something else. */
export function trialCheckAt(api: RestAPI, trial: TrialStatus, now: Date): number | undefined {
  const times = [
    windowEnd(api, trial),
    ...(trial.failing ?? []).map(({ since }) => Date.parse(since) + failingMs(api)),
  ].filter((time) => time > now.getTime());
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** How long a component must be failing before its revision is rejected, in milliseconds. */
export function failingMs({ spec }: RestAPI): number {
  return (spec.blueGreen?.autoRollbackFailingSeconds ?? 0) * 1_000;
}

/**
 * A trial of the active revision that the status still has. Its end takes effect when the status has it: an operator that
 * is killed in between must not have given the proven revision away.
 */
export function endedTrial({ status }: RestAPI, { revision, previousRevision }: Front): TrialStatus | undefined {
  const last = status?.trial;
  return last?.revision === revision && last?.proven === previousRevision ? last : undefined;
}

/** The trial in the status, or a new one if traffic has just moved. */
function earlierTrial({ api, active, front }: TrialInputs, revision: string, proven: string): TrialStatus | undefined {
  const last = api.status?.trial;
  if (!hasSwitched(api.status, active)) return last?.revision === revision ? last : undefined;
  // Traffic came back to what was proven before.
  if (last?.revision === proven && last.proven === revision) return undefined;
  return { revision, proven, since: front.switchedAt };
}

/** Whether the checks after this switch run, or are about to start. */
function checksRun({ api, active, front }: TrialInputs): boolean {
  const { checks } = api.status ?? {};
  if (checks?.stage === 'postPromotion' && checks.since === front.switchedAt) return checks.result === 'Running';
  return hasSwitched(api.status, active) && (api.spec.blueGreen?.postPromotion ?? []).length > 0;
}

/**
 * Components of which fewer than half of the pods are available because containers failed. Pods that are starting,
 * being evicted or on a lost node are no evidence against the version and do not count.
 *
 * @param before those that the status has
 * @param inWindow whether autoRollbackSeconds are not over
 */
function failingComponents(
  { activeObserved, required, now }: TrialInputs,
  before: TrialStatus['failing'],
  inWindow: boolean,
): NonNullable<TrialStatus['failing']> {
  return Object.entries(required).flatMap(([name, count]) => {
    const component = name as ComponentName;
    const { available = 0, failing = 0 } = activeObserved?.[component] ?? {};
    if (available * 2 >= Math.min(count, available + failing)) return [];
    const already = before?.find((one) => one.component === component);
    // What starts to fail after the window is no longer judged.
    if (!already && !inWindow) return [];
    return [already ?? { component, since: now.toISOString() }];
  });
}
