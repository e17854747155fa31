/** Longest delay of Node's timers, milliseconds (about 24.8 days). A longer one becomes 1 ms. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A timer of setLongTimeout() or setLongInterval(). */
export interface LongTimer {
  /** Ends the timer. Safe to call at any time. */
  clear(): void;
}

/**
 * Calls `callback` once after `delayMs` milliseconds. A delay longer than Node's timers support is waited for in parts.
 *
 * @param delayMs a finite number, see checkDelay()
 */
export function setLongTimeout(callback: () => void, delayMs: number): LongTimer {
  // Monotonic, so that a clock adjustment does not shorten a wait of weeks.
  const dueAt = performance.now() + delayMs;
  let timer = setTimeout(wake, Math.min(delayMs, LONGEST_TIMER_MS));
  function wake(): void {
    const leftMs = dueAt - performance.now();
    // A timer may be up to a millisecond early.
    if (leftMs > 1) timer = setTimeout(wake, Math.min(leftMs, LONGEST_TIMER_MS));
    else callback();
  }
  return { clear: () => clearTimeout(timer) };
}

/**
 * Calls `callback` every `periodMs` milliseconds. The period may be longer than Node's timers support.
 *
 * @param periodMs a finite number greater than 0, see checkDelay()
 */
export function setLongInterval(callback: () => void, periodMs: number): LongTimer {
  if (periodMs <= LONGEST_TIMER_MS) {
    const timer = setInterval(callback, periodMs);
    return { clear: () => clearInterval(timer) };
  }
  let timer = setLongTimeout(again, periodMs);
  function again(): void {
    timer = setLongTimeout(again, periodMs);
    callback();
  }
  return { clear: () => timer.clear() };
}
