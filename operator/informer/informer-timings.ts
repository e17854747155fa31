/** Every duration the list-watch uses. Tests shorten them; the defaults find a silent stall within 65 s. */
export interface InformerTimings {
  /** The server ends each watch after a random number of seconds in this range (timeoutSeconds). */
  watchTimeoutSeconds: readonly [min: number, max: number];
  /** How long after the server should have ended a watch we end it ourselves, milliseconds. */
  watchGraceMs: number;
  /** Deadline for the response headers of a watch, milliseconds. */
  connectTimeoutMs: number;
  /** Deadline of one page of a list, milliseconds. */
  listTimeoutMs: number;
  /** First and longest pause after a failure, milliseconds; doubles in between, with full jitter over the upper half. */
  backoffMs: readonly [min: number, max: number];
  /** A watch that lived so long counts as healthy: the backoff starts anew, milliseconds. */
  healthyAfterMs: number;
  /** How often a kind that may be missing is looked for while the server does not serve it, milliseconds; ±20 % jitter. */
  unservedRetryMs: number;
}

export const DEFAULT_INFORMER_TIMINGS: InformerTimings = {
  watchTimeoutSeconds: [45, 55],
  watchGraceMs: 8_000,
  connectTimeoutMs: 15_000,
  listTimeoutMs: 30_000,
  backoffMs: [200, 10_000],
  healthyAfterMs: 5_000,
  unservedRetryMs: 30_000,
};
