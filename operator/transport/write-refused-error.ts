/**
 * A write was not sent because ApiClientOptions.mayWrite returned false. It is not retried.
 *
 * @example
 * ```ts
 * if (error instanceof WriteRefusedError) return; // another operator leads
 * ```
 */
export class WriteRefusedError extends Error {
  override readonly name = 'WriteRefusedError';

  constructor(method: string, path: string) {
    super(`${method} ${path} was not sent: this process is not the leader and may not write`);
  }
}
