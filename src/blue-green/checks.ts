import { hashOf, type StoredObject } from '../../operator/index.ts';
import {
  attemptName,
  type CheckAttempt,
  type CheckSpec,
  type CheckStage,
  type CheckStatus,
  type ChecksStatus,
  type Environment,
  type RestAPI,
  timeoutOf,
  unknownAfterOf,
} from '../../resources/index.ts';
import { JOB_GRACE_MS } from './job-results.ts';
import type { AttemptResult, AttemptResults } from './observed.ts';
import { SKIP_CHECKS } from './rejection.ts';
import type { ReleaseEvent } from './release-events.ts';

/** A finished request requeues the RestAPI; this is for one whose end was lost, in milliseconds. */
const LOST_MS = 5_000;
const MAX_MESSAGE = 1_000;
/**
 * From the time at which its environment became reachable for the cluster, a check starts this much later, in milliseconds:
 * kube-proxy follows the EndpointSlices up to 1 s later (its minSyncPeriod), and more on a loaded node.
 */
export const PROXY_DELAY_MS = 3_000;
/** For so long the first request of a check may find its component out of reach, in milliseconds. Then that is a failure. */
const REACHABLE_MS = 30_000;

/** The checks of one stage of a release. */
export interface CheckRequest {
  stage: CheckStage;
  checks: readonly CheckSpec[];
  environment: Environment;
  revision: string;
  /** When the release was ready or, after promotion, the time of the switch. */
  since: string;
  /** Attempts are made from this time on, milliseconds since 1970. */
  from: number;
  /** Whether a user has the checks skipped. */
  skip: boolean;
}

/** The state of the checks, and the next attempts. */
export interface Checks {
  status: ChecksStatus;
  /** Attempts whose result is awaited; the operator starts those that do not run. */
  attempts: CheckAttempt[];
  /** Attempts that have Jobs, including finished ones: their logs have more details than the status. */
  jobs: CheckAttempt[];
  /** What failed and why; set while the checks count as failed. */
  failed?: string;
  /** What had no answer and why; set while that is all that is against them. */
  unknown?: string;
  events: ReleaseEvent[];
  /** When time alone changes something, milliseconds since 1970. */
  checkAt?: number;
}

/**
 * Computes the state of checks from earlier attempts (in the status) and new results. Pure. An attempt is made only after
 * the status has recorded it, so it keeps its name at whatever point the operator is killed.
 */
export function checksOf(
  api: StoredObject<RestAPI>,
  request: CheckRequest,
  results: AttemptResults,
  now: Date,
): Checks {
  const { stage, revision, since } = request;
  const last = api.status?.checks;
  const before = last?.stage === stage && last.revision === revision && last.since === since ? last : undefined;
  if (before?.result !== 'Passed' && request.skip) {
    return finished({ stage, revision, since, result: 'Skipped', checks: before?.checks ?? [] }, before);
  }
  const isOver = before !== undefined && before.result !== 'Running' && !isCorrected(request, before);
  const all = request.checks.map((check) => checkStep(request, check, before, isOver, results, now));
  const jobs = all.flatMap(({ job }) => job ?? []);
  if (isOver) return { ...finished(before, before), jobs };

  const checks = all.map(({ status }) => status);
  const result = overallResult(checks);
  const status: ChecksStatus = { stage, revision, since, result, checks };
  if (result !== 'Running') return { ...finished(status, before), jobs };
  const times = all.flatMap(({ checkAt }) => checkAt ?? []);
  return {
    status,
    attempts: all.flatMap(({ attempt }) => attempt ?? []),
    jobs,
    events: [],
    ...(times.length > 0 && { checkAt: Math.min(...times) }),
  };
}

/** A failure ends all checks at once, while the others are waited for. What is only tried out does not count. */
function overallResult(checks: readonly CheckStatus[]): 'Running' | 'Passed' | 'Failed' | 'Unknown' {
  const counted = checks.filter(({ dryRun }) => !dryRun).map(({ result }) => result);
  if (counted.includes('Failed')) return 'Failed';
  if (checks.some(({ result }) => result === 'Running')) return 'Running';
  return counted.includes('Unknown') ? 'Unknown' : 'Passed';
}

/** Whether a release that waits after a failed check, or one without an answer, has other checks now: those that changed start over. */
function isCorrected({ stage, checks }: CheckRequest, { result, checks: before }: ChecksStatus): boolean {
  if (stage !== 'prePromotion' || (result !== 'Failed' && result !== 'Unknown')) return false;
  const failed = before.filter((check) => check.result === result);
  return failed.some(({ definition }) => !checks.some((check) => hashOf(check) === definition));
}

/** Whether the checks passed or are skipped, and the status records it. */
export function passed(api: StoredObject<RestAPI>, checks: Checks): boolean {
  const { stage, since, result } = checks.status;
  const last = api.status?.checks;
  const written = last?.stage === stage && last.since === since && last.result === result;
  return written && (result === 'Passed' || result === 'Skipped');
}

/** Names the checks that still run. */
export function runningMessage({ status }: Checks): string {
  const names = status.checks.flatMap(({ name, result }) => (result === 'Running' ? [name] : []));
  return names.length > 0 ? `Ready; running checks: ${names.join(', ')}` : 'Ready; all checks have finished';
}

interface CheckStep {
  status: CheckStatus;
  attempt?: CheckAttempt;
  job?: CheckAttempt;
  checkAt?: number;
}

function checkStep(
  request: CheckRequest,
  check: CheckSpec,
  before: ChecksStatus | undefined,
  isOver: boolean,
  results: AttemptResults,
  now: Date,
): CheckStep {
  const { stage, environment, since, from } = request;
  const nth = (number: number): CheckAttempt => ({ check, stage, environment, since, number });
  const definition = hashOf(check);
  const found = before?.checks.find((one) => one.name === check.name && (isOver || one.definition === definition));
  const status = found ?? newStatus(check, definition, now);
  // Only if it still exists: a deleted Job is not created again.
  const made = status.attempts > 0 ? nth(status.attempts) : undefined;
  const old = made?.check.job && results[attemptName(made)] ? { job: made } : {};
  if (status.result !== 'Running' || !before || isOver) return { status, ...old };

  const startsAt = Math.max(Date.parse(status.at), from + (check.initialDelaySeconds ?? 0) * 1_000);
  if (!found || now.getTime() < startsAt) return { status, ...old, checkAt: startsAt };
  // Only the first: once a component has answered, an unreachable one is a finding.
  const grace = check.http && status.attempts === 0 ? { reachableBy: startsAt + REACHABLE_MS } : {};
  const attempt = { ...nth(status.attempts + 1), ...grace };
  const timeoutMs = timeoutOf(check) * 1_000;
  const lateAt = startsAt + timeoutMs + JOB_GRACE_MS;
  const late: AttemptResult | undefined =
    check.job && now.getTime() >= lateAt
      ? { ok: false, message: `its Job did not finish within ${timeoutOf(check)} s` }
      : undefined;
  const result = results[attemptName(attempt)] ?? late;
  if (result?.unknown) {
    const unknownAt = startsAt + unknownAfterOf(check) * 1_000;
    if (result.final || now.getTime() >= unknownAt) {
      const message = result.message.slice(0, MAX_MESSAGE);
      return { status: { ...status, result: 'Unknown', at: now.toISOString(), message } };
    }
    const message = `no answer yet: ${result.message}`.slice(0, MAX_MESSAGE);
    return { status: { ...status, message }, attempt, checkAt: unknownAt };
  }
  if (result)
    return { status: countAttempt(check, status, result, now), ...(check.job ? { job: attempt } : { attempt }) };
  return check.job
    ? { status, job: attempt, checkAt: lateAt }
    : { status, attempt, checkAt: now.getTime() + timeoutMs + LOST_MS };
}

function newStatus({ name, dryRun }: CheckSpec, definition: string, now: Date): CheckStatus {
  return {
    name,
    definition,
    result: 'Running',
    ...(dryRun && { dryRun }),
    attempts: 0,
    failures: 0,
    at: now.toISOString(),
    message: 'not attempted yet',
  };
}

/** The state of a check after another attempt. */
function countAttempt(check: CheckSpec, before: CheckStatus, attempt: AttemptResult, now: Date): CheckStatus {
  const attempts = before.attempts + 1;
  const failures = before.failures + (attempt.ok ? 0 : 1);
  const result =
    attempt.final || failures > check.allowedFailures
      ? 'Failed'
      : attempts - failures >= check.successes
        ? 'Passed'
        : 'Running';
  const at = new Date(now.getTime() + (result === 'Running' ? check.intervalSeconds * 1_000 : 0)).toISOString();
  return { ...before, result, attempts, failures, at, message: attempt.message.slice(0, MAX_MESSAGE) };
}

function finished(status: ChecksStatus, before: ChecksStatus | undefined): Checks {
  const failed = status.result === 'Failed' ? failureMessage(status) : undefined;
  const unknown = status.result === 'Unknown' ? unknownMessage(status) : undefined;
  const events = before?.result === status.result ? [] : [finishedEvent(status, failed ?? unknown)];
  return { status, attempts: [], jobs: [], ...(failed && { failed }), ...(unknown && { unknown }), events };
}

function failureMessage({ checks }: ChecksStatus): string {
  return checks
    .filter(({ result, dryRun }) => result === 'Failed' && !dryRun)
    .map(
      ({ name, attempts, failures, message }) =>
        `check ${name} failed (${failures} of ${attempts} attempts): ${message}`,
    )
    .join('; ');
}

function unknownMessage({ checks }: ChecksStatus): string {
  return checks
    .filter(({ result, dryRun }) => result === 'Unknown' && !dryRun)
    .map(({ name, message }) => `check ${name} had no answer in time: ${message}`)
    .join('; ');
}

/** @param problem what failed or had no answer */
function finishedEvent({ stage, revision, result, checks }: ChecksStatus, problem: string | undefined): ReleaseEvent {
  const when = stage === 'prePromotion' ? 'before promotion' : 'after promotion';
  const type = problem ? 'Warning' : 'Normal';
  const names = checks.map(({ name }) => name).join(', ');
  const note =
    result === 'Skipped'
      ? `checks ${when} were skipped by the annotation ${SKIP_CHECKS}`
      : (problem ?? `all checks ${when} passed: ${names}`);
  return {
    type,
    reason: `Checks${result as Exclude<typeof result, 'Running'>}`,
    action: 'Check',
    note: `Revision ${revision}: ${note}`,
  };
}
