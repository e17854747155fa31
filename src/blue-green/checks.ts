import type { EventInput, StoredObject } from '../../operator/index.ts';
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
} from '../../resources/index.ts';
import type { Answer, Answers } from './observed.ts';
import { SKIP_CHECKS } from './rejection.ts';

/** How long after its own deadline a Job may take to end, in milliseconds; then it counts as failed. */
const JOB_GRACE_MS = 60_000;
/** A request that is under way wakes us; this is for one whose end was lost, in milliseconds. */
const LOST_MS = 5_000;
const MAX_MESSAGE = 1_000;

/** What is to be checked. */
export interface Asked {
  stage: CheckStage;
  checks: readonly CheckSpec[];
  environment: Environment;
  revision: string;
  /** When the release was ready, or the time of the switch. */
  since: string;
  /** From when on attempts are made, milliseconds since 1970. */
  from: number;
}

/** How far the checks are, and what is to be tried next. */
export interface Checks {
  status: ChecksStatus;
  /** Attempts whose end is waited for; they are to be begun if they are not under way. */
  attempts: CheckAttempt[];
  /** Attempts that there are to be Jobs for, also those that ended: their pods tell more than the status does. */
  jobs: CheckAttempt[];
  /** What failed and why; only while the checks count as failed. */
  failed?: string;
  events: EventInput[];
  /** When time alone changes something, milliseconds since 1970. */
  checkAt?: number;
}

/**
 * How far checks are. Pure: what was tried before is in the status, and what was found since in the answers. An attempt
 * is made only when the status says so already, so that it is known by the same name wherever the operator is killed.
 */
export function checksOf(api: StoredObject<RestAPI>, asked: Asked, answers: Answers, now: Date): Checks {
  const { stage, revision, since } = asked;
  const last = api.status?.checks;
  const before = last?.stage === stage && last.revision === revision && last.since === since ? last : undefined;
  if (before?.result !== 'Passed' && api.metadata.annotations?.[SKIP_CHECKS] === revision) {
    return ended({ stage, revision, since, result: 'Skipped', checks: before?.checks ?? [] }, before);
  }
  const all = asked.checks.map((check) => one(asked, check, before, answers, now));
  const jobs = all.flatMap(({ job }) => job ?? []);
  if (before && before.result !== 'Running') return { ...ended(before, before), jobs };

  const checks = all.map(({ status }) => status);
  const result = checks.some((check) => check.result === 'Failed')
    ? 'Failed'
    : checks.every((check) => check.result === 'Passed')
      ? 'Passed'
      : 'Running';
  const status: ChecksStatus = { stage, revision, since, result, checks };
  if (result !== 'Running') return { ...ended(status, before), jobs };
  const times = all.flatMap(({ checkAt }) => checkAt ?? []);
  return {
    status,
    attempts: all.flatMap(({ attempt }) => attempt ?? []),
    jobs,
    events: [],
    ...(times.length > 0 && { checkAt: Math.min(...times) }),
  };
}

/** Whether nothing speaks against going on, and that is written down. */
export function passed(api: StoredObject<RestAPI>, checks: Checks): boolean {
  const { stage, since, result } = checks.status;
  const last = api.status?.checks;
  const written = last?.stage === stage && last.since === since && last.result === result;
  return written && (result === 'Passed' || result === 'Skipped');
}

/** Which checks are not over yet, in a sentence. */
export function underWay({ status }: Checks): string {
  const names = status.checks.flatMap(({ name, result }) => (result === 'Running' ? [name] : []));
  return names.length > 0 ? `Ready; running checks: ${names.join(', ')}` : 'Ready; all checks have finished';
}

interface One {
  status: CheckStatus;
  attempt?: CheckAttempt;
  job?: CheckAttempt;
  checkAt?: number;
}

function one(asked: Asked, check: CheckSpec, before: ChecksStatus | undefined, answers: Answers, now: Date): One {
  const { stage, environment, since, from } = asked;
  const nth = (number: number): CheckAttempt => ({ check, stage, environment, since, number });
  const found = before?.checks.find(({ name }) => name === check.name);
  const status = found ?? newStatus(check, now);
  // As it was, and not made again where somebody deleted it.
  const made = status.attempts > 0 ? nth(status.attempts) : undefined;
  const old = made?.check.job && answers[attemptName(made)] ? { job: made } : {};
  if (status.result !== 'Running' || before?.result !== 'Running') return { status, ...old };

  const startsAt = Math.max(Date.parse(status.at), from);
  if (!found || now.getTime() < startsAt) return { status, ...old, checkAt: startsAt };
  const attempt = nth(status.attempts + 1);
  const timeoutMs = timeoutOf(check) * 1_000;
  const lateAt = startsAt + timeoutMs + JOB_GRACE_MS;
  const late: Answer | undefined =
    check.job && now.getTime() >= lateAt
      ? { ok: false, message: `its Job did not finish within ${timeoutOf(check)} s` }
      : undefined;
  const answer = answers[attemptName(attempt)] ?? late;
  if (answer) return { status: counted(check, status, answer, now), ...(check.job ? { job: attempt } : { attempt }) };
  return check.job
    ? { status, job: attempt, checkAt: lateAt }
    : { status, attempt, checkAt: now.getTime() + timeoutMs + LOST_MS };
}

function newStatus({ name }: CheckSpec, now: Date): CheckStatus {
  return { name, result: 'Running', attempts: 0, failures: 0, at: now.toISOString(), message: 'not attempted yet' };
}

/** The state of a check after one more attempt. */
function counted(check: CheckSpec, before: CheckStatus, answer: Answer, now: Date): CheckStatus {
  const attempts = before.attempts + 1;
  const failures = before.failures + (answer.ok ? 0 : 1);
  const result =
    answer.final || failures > check.allowedFailures
      ? 'Failed'
      : attempts - failures >= check.successes
        ? 'Passed'
        : 'Running';
  const at = new Date(now.getTime() + (result === 'Running' ? check.intervalSeconds * 1_000 : 0)).toISOString();
  return { name: check.name, result, attempts, failures, at, message: answer.message.slice(0, MAX_MESSAGE) };
}

function ended(status: ChecksStatus, before: ChecksStatus | undefined): Checks {
  const failed = status.result === 'Failed' ? failureOf(status) : undefined;
  const events = before?.result === status.result ? [] : [eventOf(status, failed)];
  return { status, attempts: [], jobs: [], ...(failed && { failed }), events };
}

function failureOf({ checks }: ChecksStatus): string {
  return checks
    .filter(({ result }) => result === 'Failed')
    .map(
      ({ name, attempts, failures, message }) =>
        `check ${name} failed (${failures} of ${attempts} attempts): ${message}`,
    )
    .join('; ');
}

function eventOf({ stage, revision, result, checks }: ChecksStatus, failed: string | undefined): EventInput {
  const when = stage === 'prePromotion' ? 'before promotion' : 'after promotion';
  const type = failed ? 'Warning' : 'Normal';
  const names = checks.map(({ name }) => name).join(', ');
  const note =
    result === 'Skipped'
      ? `checks ${when} were skipped by the annotation ${SKIP_CHECKS}`
      : (failed ?? `all checks ${when} passed: ${names}`);
  return { type, reason: `Checks${result}`, action: 'Check', note: `Revision ${revision}: ${note}` };
}
