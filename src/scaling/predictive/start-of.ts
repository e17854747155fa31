import type { KnownLoad } from './load-history.ts';
import type { Start } from './seasonal-model.ts';
import { longest, type Seasons } from './seasons.ts';

/**
 * The initial state of the model: the averages of the first two periods of the longest season. Unknown steps count as
 * average.
 *
 * @param offset is added to each value
 */
export function startOf({ first, values }: KnownLoad, seasons: Seasons, offset: number): Start {
  const begin = values.subarray(0, 2 * longest(seasons));
  const level = meanOf(begin) + offset;
  const short = factors(begin, first, seasons.short, (value) => (value + offset) / level);
  if (!seasons.long) return { level, short: short.means, seen: { short: short.counts } };
  const shortAt = (index: number) => short.means[(first + index) % seasons.short] as number;
  const long = factors(begin, first, seasons.long, (value, index) => (value + offset) / (level * shortAt(index)));
  return { level, short: short.means, long: long.means, seen: { short: short.counts, long: long.counts } };
}

function factors(
  values: Float64Array,
  first: number,
  period: number,
  factorOf: (value: number, index: number) => number,
): { means: Float64Array; counts: Uint16Array } {
  const sums = new Float64Array(period);
  const counts = new Uint16Array(period);
  values.forEach((value, index) => {
    if (Number.isNaN(value)) return;
    const at = (first + index) % period;
    sums[at] = (sums[at] as number) + factorOf(value, index);
    counts[at] = (counts[at] as number) + 1;
  });
  return { means: sums.map((sum, at) => (counts[at] ? sum / (counts[at] as number) : 1)), counts };
}

/** The mean of what is known; NaN if nothing is. */
export function meanOf(values: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}
