// The event stream from the operator, reconnected when it breaks.

/** The operator sends a heartbeat every 10 s; after this much silence the connection counts as broken, milliseconds. */
const SILENCE_MS = 25_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 10_000;

/**
 * @typedef {[key: string, view: any][]} Entries
 * @typedef {object} Listener
 * @property {(about: any) => void} operator the state of the operator
 * @property {(entries: Entries) => void} all all resources; those not in it no longer exist
 * @property {(entries: Entries) => void} changed the resources that changed; null for those that were deleted
 * @property {() => void} connected
 * @property {(reason: string, retryMs: number) => void} lost the connection broke; it is retried after `retryMs`
 */

/**
 * Follows the event stream at a path, reconnecting until stopped.
 * @param {string} path
 * @param {Listener} listener
 * @returns {() => void} stops following
 */
export function follow(path, listener) {
  const ended = new AbortController();
  /** @type {EventSource | undefined} */
  let source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let retryMs = FIRST_RETRY_MS;
  /** @type {'fresh' | 'connected' | 'lost'} */
  let state = 'fresh';

  const received = () => {
    clearTimeout(timer);
    timer = setTimeout(() => retry('No data received for a while'), SILENCE_MS);
    if (state === 'connected') return;
    state = 'connected';
    retryMs = FIRST_RETRY_MS;
    listener.connected();
  };

  /** @param {string} reason */
  const retry = (reason) => {
    source?.close();
    clearTimeout(timer);
    state = 'lost';
    listener.lost(reason, retryMs);
    timer = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  const open = () => {
    source = new EventSource(path);
    timer = setTimeout(() => retry('The operator does not answer'), SILENCE_MS);
    for (const name of /** @type {const} */ (['operator', 'all', 'changed'])) {
      source.addEventListener(name, (event) => {
        received();
        listener[name](JSON.parse(event.data));
      });
    }
    source.addEventListener('error', async () => {
      const refused = source?.readyState === EventSource.CLOSED;
      source?.close();
      clearTimeout(timer);
      const reason = refused ? await whyRefused(path, ended.signal) : undefined;
      if (!ended.signal.aborted) retry(reason ?? 'The operator is unreachable');
    });
  };

  open();
  return () => {
    ended.abort();
    clearTimeout(timer);
    source?.close();
  };
}

/**
 * Fetches the reason for a refusal, because EventSource does not expose the response.
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function whyRefused(path, signal) {
  const reading = new AbortController();
  try {
    const response = await fetch(path, { signal: AbortSignal.any([signal, reading.signal]) });
    return response.ok ? undefined : (await response.text()).trim();
  } catch {
    return undefined;
  } finally {
    reading.abort();
  }
}
