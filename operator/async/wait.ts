/** A condition that work has to wait for, such as a cache that has to show the operator's own last write. */
export interface Wait {
  /** The condition, as a clause for logs and errors: `the cache of deployments to show version 4711`. */
  what: string;
  /**
   * Calls `wake` once, as soon as the wait is over; at once if it is over already.
   * @returns a function that ends the subscription
   */
  subscribe(wake: () => void): () => void;
  /** Longest wait, milliseconds. After it the run counts as failed and is retried with backoff. */
  deadlineMs: number;
}
