/** First and longest pause between the attempts of one request, milliseconds. */
const BASE_MS = 100;
const CAP_MS = 5_000;
/** Spread added to a wait the server asked for, so that clients told the same second do not come back as one. */
const RETRY_AFTER_JITTER_MS = 250;

/**
 * How long to wait before the next attempt, milliseconds.
 *
 * Exponential with full jitter: a uniform draw below a ceiling that doubles. A Retry-After is never undercut.
 *
 * @param failedAttempts how many have failed so far, at least 1.
 * @param random uniform in [0, 1).
 */
export function retryDelayMs(
  failedAttempts: number,
  retryAfterSeconds: number | undefined,
  random = Math.random,
): number {
  const drawn = random() * Math.min(CAP_MS, BASE_MS * 2 ** (failedAttempts - 1));
  if (retryAfterSeconds === undefined) return drawn;
  return Math.max(retryAfterSeconds * 1000 + random() * RETRY_AFTER_JITTER_MS, drawn);
}
