import { backoffMs } from '../async/backoff.ts';
import type { RequestFate } from './transport-error.ts';

/** Delays between the attempts of one request, with full jitter. */
const BACKOFF = { baseMs: 100, maxMs: 5_000, jitter: 1 };
/** Added at random to a Retry-After, so that clients with the same one do not come back together, milliseconds. */
const RETRY_AFTER_JITTER_MS = 250;

/**
 * - `auto`: retry what is safe for this method, see {@link retryDecision}.
 * - `idempotent`: the caller asserts that the request is idempotent.
 * - `never`: one attempt.
 */
export type RetryMode = 'auto' | 'idempotent' | 'never';

/** How one attempt failed. */
export type AttemptFailure =
  | { kind: 'no-answer'; fate: RequestFate }
  | { kind: 'answer'; status: number; reason: string; retryAfterSeconds: number | undefined };

/**
 * `retry`: within a few attempts. `throttled`: wait for Retry-After and retry until the deadline. `fail`: return the error to the
 * caller.
 */
export type RetryDecision = 'retry' | 'throttled' | 'fail';

/** Attempts of one request that fails without a Retry-After. */
export const MAX_ATTEMPTS = 4;

/**
 * Decides whether a failed attempt may be retried: when the server did not carry the request out, or when the request is idempotent.
 * 429 is returned before the request is processed (API Priority and Fairness), and a Retry-After on a 5xx means that a retry is
 * intended (client-go trusts it for every verb, too).
 */
export function retryDecision(failure: AttemptFailure, idempotent: boolean, mode: RetryMode): RetryDecision {
  if (mode === 'never') return 'fail';
  if (failure.kind === 'no-answer') return failure.fate === 'not-sent' || idempotent ? 'retry' : 'fail';
  const { status, reason, retryAfterSeconds } = failure;
  if (status === 429) return 'throttled';
  if (status >= 500 && retryAfterSeconds !== undefined) return 'throttled';
  // A bare 500 is usually a failing admission webhook, which the caller's own backoff and status handle better.
  const passing = status === 502 || status === 503 || status === 504 || reason === 'ServerTimeout';
  return passing && idempotent ? 'retry' : 'fail';
}

/**
 * Whether a request is idempotent: reads, server-side apply, and a delete with a uid precondition. Other writes are not: between two
 * copies of a merge patch another client may have written.
 */
export function isIdempotent(
  request: { method: string; contentType?: string; body?: unknown },
  mode: RetryMode,
): boolean {
  if (mode === 'idempotent') return true;
  switch (request.method) {
    case 'GET':
      return true;
    case 'PATCH':
      return request.contentType === 'application/apply-patch+yaml';
    case 'DELETE':
      return uidPrecondition(request.body) !== undefined;
    default:
      return false;
  }
}

function uidPrecondition(body: unknown): string | undefined {
  const preconditions = (body as { preconditions?: { uid?: string } } | undefined)?.preconditions;
  return preconditions?.uid;
}

/**
 * Returns the delay before the next attempt, milliseconds. Never less than Retry-After.
 *
 * @param failedAttempts at least 1
 * @param random uniform in [0, 1)
 */
export function retryDelayMs(
  failedAttempts: number,
  retryAfterSeconds: number | undefined,
  random = Math.random,
): number {
  const drawn = backoffMs(failedAttempts, BACKOFF, random);
  if (retryAfterSeconds === undefined) return drawn;
  return Math.max(retryAfterSeconds * 1000 + random() * RETRY_AFTER_JITTER_MS, drawn);
}
