/** Evidence that the history of a server changed. */
export interface HistoryChange {
  /** Counts the histories seen, from 1. */
  epoch: number;
  /** The reporter, such as `restapis.restapi.dev` or `leases`. */
  by: string;
  /** The evidence, for a log line. */
  reason: string;
}

/**
 * The history of one API server, which its resourceVersions belong to. A restore of etcd from a backup begins another history, in
 * which earlier versions, digests and pending writes mean nothing. The first to notice reports it here, and everything that
 * depends on a resourceVersion subscribes.
 */
export class ServerHistory {
  #epoch = 1;
  readonly #listeners = new Set<(change: HistoryChange) => void>();

  /** The current history. Store it with every resourceVersion that outlives a request. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Reports that the history of `epoch` is over. Only the first report of an epoch counts; listeners are
   * called before this returns.
   */
  replaced(epoch: number, by: string, reason: string): void {
    if (epoch !== this.#epoch) return;
    this.#epoch += 1;
    for (const listener of [...this.#listeners]) listener({ epoch: this.#epoch, by, reason });
  }

  /** Calls `listener` each time a new history begins. It must not throw. @returns a function that ends the subscription */
  subscribe(listener: (change: HistoryChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
