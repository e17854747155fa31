/** All durations of a list-watch. Tests shorten them; the defaults detect a silent stall within 65 s. */
export interface InformerTimings {
  /** The server ends each watch after a random number of seconds in this range (timeoutSeconds). */
  watchTimeoutSeconds: readonly [min: number, max: number];
  /** Grace period after which a watch that the server should have ended is aborted, milliseconds. */
  watchGraceMs: number;
  /** Deadline for the response headers of a watch, milliseconds. */
  connectTimeoutMs: number;
  /** Deadline of one page of a list, milliseconds. */
  listTimeoutMs: number;
  /** First and longest pause after a failure, milliseconds; doubles in between, with jitter over the upper half. */
  backoffMs: readonly [min: number, max: number];
  /** A watch that lasted this long counts as healthy and resets the backoff, milliseconds. */
  healthyAfterMs: number;
  /** How often an optional kind is checked while the server does not serve it, milliseconds; ±20 % jitter. */
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
