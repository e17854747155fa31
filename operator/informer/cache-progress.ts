import { LONGEST_TIMER_MS } from '../async/long-timeout.ts';

/** Notifies listeners of each step of a cache, and waits for conditions on it. */
export class CacheProgress {
  readonly #handlers = new Set<() => void>();
  readonly #stopping: AbortSignal;

  /** @param stopping aborts when the cache stops changing */
  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
  }

  /** Calls the listeners. */
  notify(): void {
    for (const handler of [...this.#handlers]) handler();
  }

  /** Calls `handler` at each step. It must not throw. @returns a function that ends the subscription */
  subscribe(handler: () => void): () => void {
    // A wrapper of its own, so that the same function may subscribe twice.
    const own = () => handler();
    this.#handlers.add(own);
    return () => this.#handlers.delete(own);
  }

  /** Resolves when a condition holds, with false at the deadline, or when the signal aborts or the cache stops before. */
  until(condition: () => boolean, deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    if (deadlineMs <= 0 || signal?.aborted || this.#stopping.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        unsubscribe();
        signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const onAbort = () => finish(false);
      const timer = setTimeout(onAbort, Math.min(deadlineMs, LONGEST_TIMER_MS));
      const unsubscribe = this.subscribe(() => {
        if (condition()) finish(true);
        else if (this.#stopping.aborted) finish(false);
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
