/** Milliseconds of one value of a series. */
export const BIN_MS = 100;
/** How many failures and how many mixed answers are kept with their details. */
export const SAMPLES = 20;

/** What a load saw. Times are milliseconds since `startedAt`. */
export interface LoadReport {
  type: 'report';
  url: string;
  /** ISO 8601. */
  startedAt: string;
  /** Until the last request was sent. */
  sendingMs: number;
  /** The most that the load was behind its schedule. Latencies and times are not exact where it is large. */
  mostBehindMs: number;
  /** CPU time of the process, for all lanes. */
  cpuMs: number;
  lanes: LaneReport[];
}

/** The account of one lane: due = sent + dropped, sent = answered + failed. */
export interface LaneReport {
  name: string;
  /** Requests per second. */
  rate: number;
  /** Requests that the rate asked for. */
  due: number;
  /** Not sent, as too many were in flight. */
  dropped: number;
  sent: number;
  /** Whole answers with a status below 400. */
  answered: number;
  failed: number;
  /** Of `failed`: those that real clients would have sent again. */
  retriable: number;
  /** Of `sent`: those that were sent again, however that ended. */
  retried: number;
  /** Failed requests by cause, with the times of failure. */
  failures: Record<string, { count: number; firstMs: number; lastMs: number }>;
  /** The first ones. */
  failureSamples: { sentMs: number; failedMs: number; cause: string; detail: string }[];
  /** Answered requests by version; `unversioned` without the header, `1.0.0+2.0.0` if mixed. With the times of the answers. */
  versions: Record<string, { count: number; firstMs: number; lastMs: number }>;
  /** Responses of any status in which components of two versions had part. */
  mixed: { count: number; samples: { sentMs: number; answeredMs: number; status: number; versions: string }[] };
  /** Of answered requests, in milliseconds; 0 without any. */
  latencyMs: { p50: number; p99: number; max: number };
  connectionsOpened: number;
  /** Counts per BIN_MS by time of the end, from the start. Trailing zeros are left out. */
  series: { answered: Record<string, number[]>; failed: number[] };
}
