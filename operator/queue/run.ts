import { type LongTimer, setLongTimeout } from '../async/long-timeout.ts';
import type { Lane } from './lanes.ts';

/** Times after the start of a run at which it is slow, timed out or stuck, milliseconds. */
export interface RunLimits {
  slowAfterMs: number;
  runTimeoutMs: number;
  stuckAfterMs: number;
}

/** Called at these times. */
export interface RunCallbacks {
  slow: () => void;
  timeout: () => void;
  /** Called again after twice the time, and so on. */
  stuck: (ms: number) => void;
}

/** A run that has been running for too long. */
export interface StuckRun {
  key: string;
  /** How long it has been running, in milliseconds. */
  ms: number;
}

/** A key being processed. */
export class Run {
  readonly key: string;
  /** The lane its key came from. */
  readonly lane: Lane;
  /** Monotonic time of its start, milliseconds. */
  readonly since = performance.now();
  /** The lane the key was added to during the run, if it was. */
  again: Lane | undefined;
  /** The delay before the next attempt once the run has ended; undefined before its timeout. */
  lateDelayMs: number | undefined;
  #timers: LongTimer[] = [];

  constructor(key: string, lane: Lane) {
    this.key = key;
    this.lane = lane;
  }

  /** How long it has been running, in milliseconds. */
  get ms(): number {
    return performance.now() - this.since;
  }

  /** Calls the callbacks at their times until the run ends. */
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

  /** Cancels the callbacks. */
  end(): void {
    for (const timer of this.#timers) timer.clear();
  }
}
