/**
 * The pause between attempts to keep a watch open: doubles from the first to the longest, drawn from the upper half of each
 * (jitter, so that informers that lost their server together do not come back together).
 *
 * @param failures how many in a row, this one included
 * @param expected for what belongs to normal life (a resourceVersion that has expired): at once the first time, but counted, so
 *   that it cannot become a busy loop
 * @param limits the first and the longest pause, milliseconds
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function nextPauseMs(
  failures: number,
  expected: boolean,
  [minMs, maxMs]: readonly [number, number],
  random: number,
): number {
  if (expected && failures <= 1) return 0;
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30));
  return ceiling * (0.5 + random / 2);
}
