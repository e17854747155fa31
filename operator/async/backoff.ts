/** How the delay between attempts grows. */
export interface Backoff {
  /** Longest delay after the first failure, milliseconds. */
  baseMs: number;
  /** Longest delay at all, milliseconds. */
  maxMs: number;
  /**
   * Share of the delay that is drawn at random, so that what failed together does not come back together: with 0.2 the
   * delay is 80 to 100 % of its ceiling, with 1 it is anything from 0 to the ceiling (full jitter).
   */
  jitter: number;
}

/**
 * Returns the delay before the next attempt, milliseconds: below a ceiling that doubles with each failure.
 *
 * @param failures consecutive failures so far, at least 1
 * @param random uniform in [0, 1)
 */
export function backoffMs(
  failures: number,
  { baseMs, maxMs, jitter }: Backoff,
  random: () => number = Math.random,
): number {
  // The exponent is bounded so that the power stays finite.
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return ceiling * (1 - jitter + jitter * random());
}
