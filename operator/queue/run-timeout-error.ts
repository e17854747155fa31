/** A run of a key exceeded the run timeout. It may still be running; the key is requeued when it has ended. */
export class RunTimeoutError extends Error {
  override readonly name = 'RunTimeoutError';
}
