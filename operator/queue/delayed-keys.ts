import { type LongTimer, setLongTimeout } from '../async/long-timeout.ts';

/** Keys that are requeued after a delay. */
export class DelayedKeys {
  readonly #keys = new Map<string, { timer: LongTimer; at: number }>();

  /**
   * Calls `callback` after `delayMs` milliseconds, unless the key has an earlier delay already.
   * @returns whether this delay is used
   */
  set(key: string, delayMs: number, callback: () => void): boolean {
    const at = performance.now() + delayMs;
    const known = this.#keys.get(key);
    if (known && known.at <= at) return false;
    known?.timer.clear();
    const timer = setLongTimeout(() => {
      this.#keys.delete(key);
      callback();
    }, delayMs);
    this.#keys.set(key, { timer, at });
    return true;
  }

  /** Cancels the delay of a key, if it has one. */
  delete(key: string): void {
    this.#keys.get(key)?.timer.clear();
    this.#keys.delete(key);
  }

  clear(): void {
    for (const { timer } of this.#keys.values()) timer.clear();
    this.#keys.clear();
  }
}
