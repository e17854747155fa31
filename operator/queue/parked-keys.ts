import { checkDelay } from '../async/check-delay.ts';
import { type LongTimer, setLongTimeout } from '../async/long-timeout.ts';
import type { Wait } from '../async/wait.ts';
import type { Lane } from './lanes.ts';

/** Called when the wait of a key ends. */
export interface ParkingCallbacks {
  /** The wait is over. */
  wake: (key: string, lane: Lane) => void;
  /** The wait was not over at its deadline; `error` names the key and the condition. */
  late: (key: string, lane: Lane, error: Error) => void;
}

interface Parked {
  lane: Lane;
  unsubscribe: () => void;
  timer: LongTimer;
}

/**
 * Keys parked until a condition holds. They occupy no worker slot. A key is requeued when it is woken, and counts as failed at its
 * deadline. A key that is taken out and parked again for the same condition keeps its deadline.
 */
export class ParkedKeys {
  readonly #callbacks: ParkingCallbacks;
  readonly #parked = new Map<string, Parked>();
  /** What each key waits for and since when; kept while a key that was taken out is processed. */
  readonly #since = new Map<string, { what: string; at: number }>();

  constructor(callbacks: ParkingCallbacks) {
    this.#callbacks = callbacks;
  }

  get size(): number {
    return this.#parked.size;
  }

  /**
   * Parks a key. It may be woken before this returns, if the wait is over already.
   * @throws what `subscribe` throws, and RangeError for an invalid deadline
   */
  park(key: string, lane: Lane, wait: Wait): void {
    const deadlineMs = checkDelay(wait.deadlineMs, `${key}: deadline of the wait for ${wait.what}`);
    const known = this.#since.get(key);
    const at = known?.what === wait.what ? known.at : performance.now();
    this.#since.set(key, { what: wait.what, at });
    const timer = setLongTimeout(
      () => {
        this.forget(key);
        this.#callbacks.late(key, lane, new Error(`${key}: timed out after ${deadlineMs} ms waiting for ${wait.what}`));
      },
      Math.max(0, at + deadlineMs - performance.now()),
    );
    const parked: Parked = { lane, timer, unsubscribe: () => {} };
    this.#parked.set(key, parked);
    let over = false;
    try {
      const unsubscribe = wait.subscribe(() => {
        over = true;
        if (this.#parked.get(key) !== parked) return;
        this.take(key);
        this.#callbacks.wake(key, lane);
      });
      if (over) unsubscribe();
      else parked.unsubscribe = unsubscribe;
    } catch (error) {
      this.forget(key);
      throw error;
    }
  }

  /** Takes a key out, to process it now. @returns the lane it came from; undefined if it is not parked */
  take(key: string): Lane | undefined {
    const parked = this.#parked.get(key);
    if (!parked) return undefined;
    this.#parked.delete(key);
    parked.timer.clear();
    parked.unsubscribe();
    return parked.lane;
  }

  /** Ends the wait of a key for good: the condition is no longer needed, or the key is gone. */
  forget(key: string): void {
    this.take(key);
    this.#since.delete(key);
  }

  clear(): void {
    for (const key of [...this.#parked.keys()]) this.take(key);
    this.#since.clear();
  }
}
