/** A run of a key was still under way at the run timeout. It may yet go on; the key comes again when it has ended. */
export class RunTimeoutError extends Error {
  override readonly name = 'RunTimeoutError';
}
