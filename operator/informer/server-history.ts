/** Why the history of a server is believed to be another one. */
export interface HistoryChange {
  /** Counts the histories seen, from 1. */
  epoch: number;
  /** Who noticed, such as `restapis.restapi.dev` or `leases`. */
  by: string;
  /** What showed it, for a log line. */
  reason: string;
}

/**
 * The history of one API server, as its resourceVersions tell it. A restore of etcd from a backup begins another one: versions,
 * digests and pending writes of the one before mean nothing any more, in any cache. Whoever notices first reports it here, and
 * everything that is tied to a resourceVersion listens.
 */
export class ServerHistory {
  #epoch = 1;
  readonly #listeners = new Set<(change: HistoryChange) => void>();

  /** The history that is followed now. Remember it beside every resourceVersion that outlives a request. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Reports that the server's history is not the one of `epoch` any more. Only the first report of an epoch counts; listeners are
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
