import { backoffMs } from '../async/backoff.ts';
import { notBefore, retryAfterMs } from './retry-after.ts';

/** Up to a fifth less, so that keys that failed together do not come back together. */
const JITTER = 0.2;

/** The consequences of a failure of a key. */
export interface Failure {
  /** Consecutive failures, this one included. */
  failures: number;
  /** Delay before the next attempt, in milliseconds. */
  delayMs: number;
  /** The server's Retry-After, in milliseconds, if there was one. */
  retryAfterMs: number | undefined;
}

/** Consecutive failures of each key whose last complete run failed. */
export class FailingKeys {
  readonly #delays: { baseDelayMs: number; maxDelayMs: number };
  /** The longest failing key comes first: maps keep the order of insertion. */
  readonly #keys = new Map<string, { failures: number; since: number }>();

  constructor(delays: { baseDelayMs: number; maxDelayMs: number }) {
    this.#delays = delays;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** How long the longest failing key has been failing, in milliseconds; 0 if none is. */
  get oldestMs(): number {
    const oldest = this.#keys.values().next();
    return oldest.done ? 0 : performance.now() - oldest.value.since;
  }

  /** Counts a failure of the key. */
  failed(key: string, error: unknown): Failure {
    const known = this.#keys.get(key) ?? { failures: 0, since: performance.now() };
    known.failures++;
    this.#keys.set(key, known);
    const { baseDelayMs, maxDelayMs } = this.#delays;
    const requestedMs = retryAfterMs(error);
    const delayMs = Math.max(
      backoffMs(known.failures, { baseMs: baseDelayMs, maxMs: maxDelayMs, jitter: JITTER }),
      notBefore(requestedMs),
    );
    return { failures: known.failures, delayMs, retryAfterMs: requestedMs };
  }

  /** A run of the key succeeded, or the key is gone. */
  forget(key: string): void {
    this.#keys.delete(key);
  }
}
