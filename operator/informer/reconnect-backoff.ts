import { backoffMs } from '../async/backoff.ts';

/**
 * Returns the pause before a watch is opened again, milliseconds, drawn from the upper half of a doubling ceiling.
 *
 * @param failures consecutive failures, this one included
 * @param expected for routine failures (an expired resourceVersion): no pause the first time, but counted, so that it cannot
 *   become a busy loop
 * @param limits the first and the longest pause, milliseconds
 * @param random from 0 to 1
 */
export function nextPauseMs(
  failures: number,
  expected: boolean,
  [baseMs, maxMs]: readonly [number, number],
  random: number,
): number {
  return expected && failures <= 1 ? 0 : backoffMs(failures, { baseMs, maxMs, jitter: 0.5 }, () => random);
}
