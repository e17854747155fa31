import { checkDelay } from '../async/check-delay.ts';
import type { Wait } from '../async/wait.ts';
import type { WorkQueueObserver } from './work-queue-observer.ts';

/** What processing a key may ask for. */
export interface Outcome {
  /**
   * Process the key again after so many milliseconds, if no event comes first. Any finite number from 0 on, also of
   * months; for anything else the run fails.
   */
  requeueAfterMs?: number;
  /** There was nothing to do; counted apart. */
  unchanged?: boolean;
  /**
   * The run could not go on before this is there. The key is parked: it holds no place, and comes back when it is woken or
   * added. At the deadline of the wait it counts as failed.
   */
  waitFor?: Wait;
}

export interface WorkQueueOptions {
  /** Whose queue this is, for messages. Default `work queue`. */
  name?: string;
  /** How many keys are processed at once, slow runs left out. Default 16. */
  concurrency?: number;
  /**
   * A run that takes longer than so many milliseconds is slow: it leaves its place to the next key and goes on without
   * one. Default 500.
   */
  slowAfterMs?: number;
  /** Most slow runs at once. Beyond it runs keep their places. Default 256. */
  maxSlowRuns?: number;
  /**
   * Most slow runs at once of one namespace. A namespace with as many runs under way (or `concurrency`, if that is more)
   * begins no more of them until one ends, while other namespaces go on. Default 32.
   */
  maxSlowRunsPerNamespace?: number;
  /** First delay after a failure, in milliseconds; it doubles with each further one. Default 50. */
  baseDelayMs?: number;
  /** Longest delay after a failure, in milliseconds; longer only if the server asks for it. Default 1 minute. */
  maxDelayMs?: number;
  /**
   * How long one run of a key may take, in milliseconds. Then its signal aborts and the run counts as failed at once. The
   * key itself stays taken until the run really ends, so that never two runs of one key overlap. Default 2 minutes.
   */
  runTimeoutMs?: number;
  /** A run that is still under way after so many milliseconds is reported as stuck. Default 5 minutes. */
  stuckAfterMs?: number;
  /**
   * Told of each failed run: the key, the error, how many failures in a row, the delay before the next try, and of that
   * what the server asked for by Retry-After, if it did (all times in milliseconds). For a run that passed its timeout it
   * is called then, and the delay begins when the run really ends.
   */
  onFailure?: (key: string, error: unknown, failures: number, delayMs: number, retryAfterMs?: number) => void;
  /** Told of each run that is stuck, and for how many milliseconds it has been under way: again after twice the time. */
  onStuck?: (key: string, ms: number) => void;
  /** Told what happens, for metrics. In the options of an Operator it is its own. */
  observer?: WorkQueueObserver;
}

/** @returns the options with their defaults @throws RangeError that names the option and its value */
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
