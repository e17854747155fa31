/** Longest delay that Node's timers keep, milliseconds (about 24.8 days). They turn a longer one into 1 ms. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A timer as setLongTimeout() and setLongInterval() return it. */
export interface LongTimer {
  /** Ends the timer. Safe to call at any time. */
  clear(): void;
}

/**
 * Calls `callback` once after `delayMs` milliseconds, however many: a delay longer than Node's timers keep is waited for
 * in parts.
 *
 * @param delayMs a finite number, see checkDelay()
 */
export function setLongTimeout(callback: () => void, delayMs: number): LongTimer {
  // Monotonic: a correction of the clock must not shorten a wait of weeks.
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
 * Calls `callback` each `periodMs` milliseconds, however many.
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
