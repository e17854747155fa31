/**
 * A counting semaphore that serves in order of arrival, so that no request starves behind later ones.
 *
 * @example
 * ```ts
 * const slots = new Semaphore(4);
 * await slots.acquire(signal);
 * try {
 *   await work();
 * } finally {
 *   slots.release();
 * }
 * ```
 */
export class Semaphore {
  #free: number;
  // A Set keeps insertion order and lets an aborted waiter leave from the middle at once.
  readonly #waiting = new Set<() => void>();

  constructor(permits: number) {
    if (!Number.isInteger(permits) || permits < 1)
      throw new RangeError(`semaphore: permits must be an integer of at least 1, got ${permits}`);
    this.#free = permits;
  }

  /** Takes a permit, waiting for one if none is free. Rejects with the signal's reason when it aborts first; no permit is held then. */
  acquire(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(grant);
        reject(signal?.reason);
      };
      const grant = () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#waiting.add(grant);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Returns a permit, to the longest waiter if there is one. */
  release(): void {
    for (const grant of this.#waiting) {
      this.#waiting.delete(grant);
      grant();
      return;
    }
    this.#free += 1;
  }
}
