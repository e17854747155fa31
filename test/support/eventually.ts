import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Tries `check` until it returns something other than undefined, null or false.
 *
 * @param timeoutMs by default a minute, far more than anything takes on a quiet machine: a test that only waits needs no other
 * @throws after the deadline, with its last error
 */
export async function eventually<T>(
  check: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeoutMs = 60_000, everyMs = 100, what = 'the condition' } = {},
): Promise<T> {
  // Not by the clock, which jumps when a virtual machine is paused.
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const result = await check();
      if (result !== undefined && result !== null && result !== false) return result;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`${what} did not come true in ${timeoutMs} ms`, { cause: last });
    await sleep(everyMs);
  }
}
