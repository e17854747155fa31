// What the operator tells, kept up through its restarts.

/** The operator says something every 10 s: with so much silence the connection is broken, milliseconds. */
const SILENCE_MS = 25_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 10_000;

/**
 * @typedef {[key: string, view: any][]} Entries
 * @typedef {object} Listener
 * @property {(about: any) => void} operator how the operator is
 * @property {(entries: Entries) => void} all all there is; what is not in it is gone
 * @property {(entries: Entries) => void} changed what has changed; null for what is gone
 * @property {() => void} connected
 * @property {(reason: string, retryMs: number) => void} lost it is tried again by itself, after so many milliseconds
 */

/**
 * Follows what is told at a path, for ever.
 * @param {string} path
 * @param {Listener} listener
 * @returns {() => void} ends it
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

  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => again('It has not been heard of for a while'), SILENCE_MS);
    if (state === 'connected') return;
    state = 'connected';
    retryMs = FIRST_RETRY_MS;
    listener.connected();
  };

  /** @param {string} reason */
  const again = (reason) => {
    source?.close();
    clearTimeout(timer);
    state = 'lost';
    listener.lost(reason, retryMs);
    timer = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
  };

  const open = () => {
    source = new EventSource(path);
    timer = setTimeout(() => again('It does not answer'), SILENCE_MS);
    for (const name of /** @type {const} */ (['operator', 'all', 'changed'])) {
      source.addEventListener(name, (event) => {
        heard();
        listener[name](JSON.parse(event.data));
      });
    }
    source.addEventListener('error', async () => {
      const refused = source?.readyState === EventSource.CLOSED;
      source?.close();
      clearTimeout(timer);
      const reason = refused ? await whyRefused(path, ended.signal) : undefined;
      if (!ended.signal.aborted) again(reason ?? 'It cannot be reached');
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
 * EventSource does not tell what it was answered.
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
