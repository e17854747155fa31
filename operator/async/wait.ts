/** Something a run needs before it can go on, such as a cache that has to show the operator's own last write. */
export interface Wait {
  /** What is missing, as a clause for logs and errors: `the cache of deployments to show version 4711`. */
  what: string;
  /**
   * Calls `wake` once, as soon as the wait is over; at once if it is over already.
   * @returns a function that ends the subscription
   */
  subscribe(wake: () => void): () => void;
  /** Longest wait, milliseconds. After it the run counts as failed and is tried again with a growing delay. */
  deadlineMs: number;
}
