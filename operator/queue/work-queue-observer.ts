/**
 * How a run of a key ended. `unchanged`: nothing to do. `requeue`: it requested another run after a delay. `parked`: it has to
 * wait for a condition.
 */
export type RunResult = 'success' | 'requeue' | 'unchanged' | 'parked' | 'error';

/** Observes a work queue, for metrics. Its methods must not throw. */
export interface WorkQueueObserver {
  /** A key was added to the queue. */
  added(): void;
  /** A run started after its key had waited this number of milliseconds. */
  started(waitedMs: number): void;
  /** A run timed out, and will end as `late`; or the condition of a parked key did not hold at its deadline. Either is an error. */
  timedOut(): void;
  /** A run ended this number of milliseconds after its start. `late`: it was counted when it timed out. */
  ended(ranMs: number, result: RunResult | 'late'): void;
  /** A key is requeued after a delay, because its run failed or requested it. */
  retried(): void;
}
