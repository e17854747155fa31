import {
  type Environment,
  type HookName,
  type HookRun,
  type HookStatus,
  hookJobName,
  hookTimeoutOf,
  RELEASE_MESSAGE_MAX_LENGTH,
  type RestAPI,
} from '../../resources/index.ts';
import { JOB_GRACE_MS } from './job-results.ts';
import type { ReleaseEvent } from './release-events.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import { hasSwitched } from './release-status.ts';

/** How long the Job of a hook is kept after its end, for its logs, in milliseconds. */
const KEPT_MS = 3_600_000;

/** The state of one run of a hook. */
export interface HookStep {
  status: HookStatus;
  /** Its Job, while it runs and for some time after. */
  run?: HookRun;
  events: ReleaseEvent[];
  /** When time alone changes something, milliseconds since 1970. */
  checkAt?: number;
}

/**
 * The state of a hook, from the status and its Job. Pure. The Job is created only after the status has recorded the run, so a
 * run keeps its Job at whatever point the operator is killed, and a finished Job that was deleted is not run again.
 *
 * @param hook one that the spec has
 * @param environment the environment of the revision that it runs for
 * @param since distinguishes this run from others for the same revision
 */
export function hookStep(
  { api, observed, now }: ReleaseInputs,
  hook: HookName,
  environment: Environment & { revision: string },
  since: string,
): HookStep {
  const spec = api.spec.blueGreen?.hooks?.[hook] ?? {};
  const { revision } = environment;
  const run: HookRun = { hook, spec, environment, since };
  const name = hookJobName(run);
  const job = observed.hookJobs?.[name];
  const stored = { ...run, ...(job && { stored: job.spec }) };
  const last = lastRunOf(api, hook);
  const before = last?.revision === revision && last.since === since ? last : undefined;
  const at = now.toISOString();
  if (!before) {
    const message = `Job ${name} is started`;
    return { status: { name: hook, revision, since, result: 'Running', at, message }, events: [] };
  }
  if (before.result !== 'Running') {
    const until = Date.parse(before.at) + KEPT_MS;
    const isKept = job !== undefined && now.getTime() < until;
    return { status: before, events: [], ...(isKept && { run: stored, checkAt: until }) };
  }
  const lateAt = Date.parse(before.at) + hookTimeoutOf(spec) * 1_000 + JOB_GRACE_MS;
  const late =
    now.getTime() >= lateAt
      ? { ok: false, message: `Job ${name} did not finish within ${hookTimeoutOf(spec)} s` }
      : undefined;
  const result = job?.result ?? late;
  if (!result) return { status: before, run: stored, events: [], checkAt: lateAt };
  const status: HookStatus = {
    ...before,
    result: result.ok ? 'Passed' : 'Failed',
    at,
    message: result.message.slice(0, RELEASE_MESSAGE_MAX_LENGTH),
  };
  return { status, ...(job && { run: stored }), events: [endedEvent(status)] };
}

/** The last run of a hook, as the status has it. */
export function lastRunOf({ status }: RestAPI, hook: HookName): HookStatus | undefined {
  return status?.hooks?.find(({ name }) => name === hook);
}

function endedEvent({ name, revision, result, message }: HookStatus): ReleaseEvent {
  const note = `Revision ${revision}: hook ${name}: ${message}`;
  return result === 'Failed'
    ? { type: 'Warning', reason: 'HookFailed', action: 'RunHook', note }
    : { type: 'Normal', reason: 'HookPassed', action: 'RunHook', note };
}

/** The hook after the last switch; undefined: there is none. It begins at the first run after the switch and never later. */
export function hookAfterSwitch(inputs: ReleaseInputs): HookStep | undefined {
  const { active, api, enabled, front } = inputs;
  const { hooks } = api.spec.blueGreen ?? {};
  const { revision } = active;
  const since = front.switchedAt;
  if (!enabled || !hooks || since === undefined || revision === undefined) return undefined;
  const began = api.status?.hooks?.find(
    (one) => one.name !== 'migrate' && one.since === since && one.revision === revision,
  );
  const isBack = api.status?.release?.phase === 'RollingBack';
  const begins = hasSwitched(api.status, active) ? (isBack ? 'afterRollback' : 'afterPromotion') : undefined;
  const hook = began?.name ?? begins;
  return hook && hooks[hook] ? hookStep(inputs, hook, { ...active, revision }, since) : undefined;
}

/** Jobs of earlier runs, which are kept for their logs. @param current the names of the hooks that are decided about elsewhere */
export function earlierRuns(
  { api, active, observed, now }: ReleaseInputs,
  current: readonly HookName[],
): { run: HookRun; until: number }[] {
  const ended = (api.status?.hooks ?? []).filter(({ name, result }) => !current.includes(name) && result !== 'Running');
  return ended.flatMap(({ name: hook, revision, since, at }) => {
    const run: HookRun = { hook, spec: {}, environment: { ...active, revision }, since };
    const job = observed.hookJobs?.[hookJobName(run)];
    const until = Date.parse(at) + KEPT_MS;
    return job && now.getTime() < until ? [{ run: { ...run, stored: job.spec }, until }] : [];
  });
}
