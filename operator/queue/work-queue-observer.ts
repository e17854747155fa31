/**
 * How a run of a key ended: `unchanged` means there was nothing to do, `requeue` that it asked to be run again after
 * a delay, `parked` that it has to wait for something, and its key was put aside until then.
 */
export type RunResult = 'success' | 'requeue' | 'unchanged' | 'parked' | 'error';

/** Told what happens in a work queue, for metrics. Its methods must not throw. */
export interface WorkQueueObserver {
  /** A key was put among those that wait. */
  added(): void;
  /** A run began, after its key had waited so many milliseconds for a place. */
  started(waitedMs: number): void;
  /** A run took longer than it may, and will end as `late`; or what a parked key needs is not there at its deadline. Either is an error. */
  timedOut(): void;
  /** A run really ended, so many milliseconds after it began. `late`: it was counted when it timed out. */
  ended(ranMs: number, result: RunResult | 'late'): void;
  /** A key will come back after a delay, as its run failed or asked for it. */
  retried(): void;
}
