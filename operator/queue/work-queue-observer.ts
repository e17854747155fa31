/**
 * How a run of a key ended: `unchanged` means there was nothing to do, `requeue` that it asked to be run again after
 * a delay.
 */
export type RunResult = 'success' | 'requeue' | 'unchanged' | 'error';

/** Told what happens in a work queue, for metrics. Its methods must not throw. */
export interface WorkQueueObserver {
  /** A key was put among those that wait. */
  added(): void;
  /** A run began, after its key had waited so many milliseconds for a place. */
  started(waitedMs: number): void;
  /** A run really ended, so many milliseconds after it began. */
  ended(ranMs: number, result: RunResult): void;
  /** A key will come back after a delay, as its run failed or asked for it. */
  retried(): void;
}
