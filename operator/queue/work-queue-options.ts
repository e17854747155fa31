import { checkDelay } from '../async/check-delay.ts';
import type { Wait } from '../async/wait.ts';
import type { WorkQueueObserver } from './work-queue-observer.ts';

/** The result of processing a key. */
export interface Outcome {
  /**
   * Process the key again after this many milliseconds, if no event comes first. Any finite number of at least 0, even months;
   * for anything else the run fails.
   */
  requeueAfterMs?: number;
  /** There was nothing to do; counted separately. */
  unchanged?: boolean;
  /**
   * The run needs this condition first. The key is parked: it occupies no worker slot, and is requeued when it is woken or added.
   * At the deadline of the wait it counts as failed.
   */
  waitFor?: Wait;
}

export interface WorkQueueOptions {
  /** Name of the queue, for messages. Default `work queue`. */
  name?: string;
  /** Concurrent runs, slow runs not counted. Default 16. */
  concurrency?: number;
  /**
   * A run that takes longer than this many milliseconds is slow: it releases its worker slot to the next key and continues
   * without one. Default 500.
   */
  slowAfterMs?: number;
  /** Most concurrent slow runs. Beyond it runs keep their slots. Default 256. */
  maxSlowRuns?: number;
  /**
   * Most concurrent slow runs of one namespace. A namespace with as many runs (or `concurrency`, if that is more) starts no more
   * until one ends, while other namespaces continue. Default 32.
   */
  maxSlowRunsPerNamespace?: number;
  /** First delay after a failure, in milliseconds; it doubles with each further failure. Default 50. */
  baseDelayMs?: number;
  /** Longest delay after a failure, in milliseconds; longer only for a Retry-After. Default 1 minute. */
  maxDelayMs?: number;
  /**
   * Timeout of one run, in milliseconds. Then its signal aborts and the run counts as failed at once. The key is not processed
   * again until the run has ended, so that two runs of one key never overlap. Default 2 minutes.
   */
  runTimeoutMs?: number;
  /** A run that has not ended after this many milliseconds is reported as stuck. Default 5 minutes. */
  stuckAfterMs?: number;
  /**
   * Called for each failed run with the key, the error, the consecutive failures, the delay before the next attempt, and the
   * server's Retry-After if there was one (times in milliseconds). For a run that times out it is called at the timeout, and the
   * delay starts when the run ends.
   */
  onFailure?: (key: string, error: unknown, failures: number, delayMs: number, retryAfterMs?: number) => void;
  /** Called for each stuck run with how long it has been running, milliseconds, and again after twice the time. */
  onStuck?: (key: string, ms: number) => void;
  /** Observes the queue, for metrics. An Operator sets its own. */
  observer?: WorkQueueObserver;
}

/** Checks the options and fills in defaults. @throws RangeError that names the option and its value */
export function checkedOptions(options: WorkQueueOptions) {
  const name = options.name ?? 'work queue';
  const delay = (option: keyof WorkQueueOptions, otherwise: number) =>
    checkDelay(options[option] ?? otherwise, `${name}: ${option}`);
  const number = (option: keyof WorkQueueOptions, otherwise: number, least: number) => {
    const value = options[option] ?? otherwise;
    if (Number.isInteger(value) && (value as number) >= least) return value as number;
    throw new RangeError(`${name}: ${option} must be an integer of at least ${least}, got ${String(value)}`);
  };
  return {
    name,
    concurrency: number('concurrency', 16, 1),
    slowAfterMs: delay('slowAfterMs', 500),
    maxSlowRuns: number('maxSlowRuns', 256, 0),
    maxSlowRunsPerNamespace: number('maxSlowRunsPerNamespace', 32, 0),
    baseDelayMs: delay('baseDelayMs', 50),
    maxDelayMs: delay('maxDelayMs', 60_000),
    runTimeoutMs: delay('runTimeoutMs', 2 * 60_000),
    stuckAfterMs: delay('stuckAfterMs', 5 * 60_000),
    onFailure: options.onFailure ?? (() => {}),
    onStuck: options.onStuck ?? (() => {}),
    observer: options.observer,
  };
}
