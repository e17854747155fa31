/** Requests of one namespace that run at once. */
export const TURNS_OF_NAMESPACE = 8;
/** Requests that run at once, not counting the first one of each namespace. */
export const TURNS = 64;

/**
 * Turns of requests, shared by namespace. The first request of a namespace never waits, however many and however slow those of
 * others are; so a namespace delays only itself. Within a namespace, turns are in order of arrival; of those that wait, the
 * namespace with the fewest requests goes first.
 */
export class NamespaceTurns {
  /** Running requests by namespace. */
  readonly #running = new Map<string, number>();
  /** Requests that wait, by namespace; none of the sets is empty. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #total = 0;

  /**
   * Waits for a turn, does the work and gives the turn back.
   * @param signal gives up waiting
   * @throws the reason of the signal, then without having begun; whatever the work throws
   */
  async run<T>(namespace: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.acquire(namespace, signal);
    try {
      return await work();
    } finally {
      this.release(namespace);
    }
  }

  /** Takes a turn. @param signal gives up waiting. @throws its reason, then without a turn */
  acquire(namespace: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#mayRun(namespace)) {
      this.#start(namespace);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#forget(namespace, grant);
        reject(signal.reason);
      };
      const grant = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const waiting = this.#waiting.get(namespace) ?? new Set();
      this.#waiting.set(namespace, waiting.add(grant));
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives a turn back. */
  release(namespace: string): void {
    const left = this.#runningOf(namespace) - 1;
    if (left > 0) this.#running.set(namespace, left);
    else this.#running.delete(namespace);
    this.#total--;
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#grant(next);
  }

  /** The namespace whose turn it is, of those that wait. */
  #next(): string | undefined {
    const allowed = [...this.#waiting.keys()].filter((namespace) => this.#mayRun(namespace));
    return allowed.sort((a, b) => this.#runningOf(a) - this.#runningOf(b))[0];
  }

  #grant(namespace: string): void {
    const [grant] = this.#waiting.get(namespace) ?? [];
    if (!grant) return;
    this.#forget(namespace, grant);
    this.#start(namespace);
    grant();
  }

  #forget(namespace: string, grant: () => void): void {
    const waiting = this.#waiting.get(namespace);
    waiting?.delete(grant);
    if (waiting?.size === 0) this.#waiting.delete(namespace);
  }

  #start(namespace: string): void {
    this.#running.set(namespace, this.#runningOf(namespace) + 1);
    this.#total++;
  }

  #mayRun(namespace: string): boolean {
    const own = this.#runningOf(namespace);
    return own === 0 || (own < TURNS_OF_NAMESPACE && this.#total - this.#running.size < TURNS);
  }

  #runningOf(namespace: string): number {
    return this.#running.get(namespace) ?? 0;
  }
}
