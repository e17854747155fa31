/** Waits for a promise until the signal aborts. @throws the signal's reason then */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // After an abort, a later rejection must not count as unhandled.
  promise.catch(() => {});
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
