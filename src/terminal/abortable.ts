/** Waits for something, but not longer than until the signal aborts: rejects with the signal's reason then. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Once nobody waits any more, its failure is nobody's.
  promise.catch(() => {});
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
