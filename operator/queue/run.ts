import { type LongTimer, setLongTimeout } from '../async/long-timeout.ts';
import type { Lane } from './lanes.ts';

/** When something is done about a run that is still under way, milliseconds after its beginning. */
export interface RunLimits {
  slowAfterMs: number;
  runTimeoutMs: number;
  stuckAfterMs: number;
}

/** What is done then. */
export interface RunCallbacks {
  slow: () => void;
  timeout: () => void;
  /** Again after twice the time, and so on. */
  stuck: (ms: number) => void;
}

/** A run that has been under way for too long. */
export interface StuckRun {
  key: string;
  /** How long it has been under way, in milliseconds. */
  ms: number;
}

/** A key being processed. */
export class Run {
  readonly key: string;
  /** The lane its key came from. */
  readonly lane: Lane;
  /** Monotonic time of its beginning, milliseconds. */
  readonly since = performance.now();
  /** The lane the key was added to meanwhile, if it was. */
  again: Lane | undefined;
  /** The delay before the next try once the run has ended; undefined before its timeout. */
  lateDelayMs: number | undefined;
  #timers: LongTimer[] = [];

  constructor(key: string, lane: Lane) {
    this.key = key;
    this.lane = lane;
  }

  /** How long it has been under way, in milliseconds. */
  get ms(): number {
    return performance.now() - this.since;
  }

  /** Calls what is due until the run ends. */
  watch({ slowAfterMs, runTimeoutMs, stuckAfterMs }: RunLimits, { slow, timeout, stuck }: RunCallbacks): void {
    const stuckAt = (ms: number) => {
      this.#timers[2] = setLongTimeout(() => {
        stuckAt(Math.max(1, 2 * ms));
        stuck(this.ms);
      }, ms - this.ms);
    };
    this.#timers = [setLongTimeout(slow, slowAfterMs), setLongTimeout(timeout, runTimeoutMs)];
    stuckAt(stuckAfterMs);
  }

  /** Nothing is done about it any more. */
  end(): void {
    for (const timer of this.#timers) timer.clear();
  }
}
