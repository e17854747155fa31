import { describe, expect, test, vi } from 'vitest';
import { type Comparison, compare, costOf, shortcomings } from './comparison.ts';
import { type Load, play, SETTING } from './play.ts';
import { loadOf, PEAK_CORES, PUBLIC_SERIES, publicSeries } from './public-series.ts';

const DAY = 24 * 60;
const HOUR = 60;

// The series may have to be downloaded first.
vi.setConfig({ testTimeout: 300_000 });

/** Reproducible pseudo-random numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Shuffles the ten-minute buckets of a load. */
function shuffled(minutes: Float64Array): Float64Array {
  const random = randomNumbers(1);
  const blocks = Array.from({ length: minutes.length / 10 }, (_, index) =>
    minutes.subarray(index * 10, index * 10 + 10),
  );
  for (let last = blocks.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [blocks[last], blocks[other]] = [blocks[other] as Float64Array, blocks[last] as Float64Array];
  }
  return Float64Array.from(blocks.flatMap((block) => [...block]));
}

describe.each(PUBLIC_SERIES)('$name: $what', (series) => {
  let comparison: Comparison;

  test('has fewer minutes with too few pods, at most 15 % more replica-minutes, and a smaller error than "as last week"', async () => {
    const load = loadOf(series, (await publicSeries())[series.name], PEAK_CORES);
    comparison = compare(load, series.testFrom * DAY);
    expect(shortcomings(comparison)).toEqual([]);
  });

  test('keeps a wide margin, so that a partial regression shows', () => {
    const { reactive, predictive } = comparison;
    expect(predictive.underMinutes).toBeLessThan(reactive.underMinutes / 3);
    expect(costOf(comparison)).toBeLessThan(0.1);
    expect(predictive.error?.forecast).toBeLessThan((predictive.error?.seasonalNaive as number) / 2);
    expect(predictive.error?.inBand).toBeGreaterThan(0.85);
    expect(predictive.reliableShare).toBeGreaterThan(0.85);
    expect(predictive.changes / series.testDays).toBeLessThan(30);
  });
});

describe('without a pattern to learn', () => {
  const random = randomNumbers(7);
  const start = Date.UTC(2026, 0, 5);
  const length = 10 * 7 * DAY;

  test('a random walk is not forecast: no cost and no gain', () => {
    const minutes = new Float64Array(length);
    let [value, goal] = [5, 5];
    for (let minute = 0; minute < length; minute++) {
      if (minute % 10 === 0) goal = Math.min(9.5, Math.max(0.5, goal + (random() - 0.5) * 0.8));
      value += (goal - value) / 10;
      minutes[minute] = value;
    }
    const { reactive, predictive } = compare({ start, minutes }, 4 * 7 * DAY);
    expect(predictive.reliableShare).toBeLessThan(0.1);
    expect(costOf({ reactive, predictive })).toBeLessThan(0.02);
    expect(predictive.underMinutes).toBeLessThanOrEqual(reactive.underMinutes * 1.02);
  });

  test('pure noise is not forecast', () => {
    const minutes = Float64Array.from({ length }, (_, minute) => (minute % 10 === 0 ? 3 + 4 * random() : 0));
    for (let minute = 1; minute < length; minute++) if (minute % 10) minutes[minute] = minutes[minute - 1] as number;
    expect(play({ start, minutes }, 4 * 7 * DAY, SETTING, { predictive: true }).reliableShare).toBeLessThan(0.1);
  });
});

describe('the acceptance criteria', () => {
  const [calls] = PUBLIC_SERIES;
  const short = async (): Promise<{ load: Load; from: number }> => {
    if (!calls) throw new Error('no series');
    const load = loadOf(calls, (await publicSeries()).calls, PEAK_CORES);
    const from = calls.testFrom * DAY;
    return { load: { ...load, minutes: load.minutes.subarray(0, from + 28 * DAY) }, from };
  };

  test('fail when the history is shuffled', async () => {
    const { load, from } = await short();
    expect(shortcomings(compare(load, from, shuffled(load.minutes)))).toEqual([
      // The forecast is not used, so it gains nothing either.
      expect.stringMatching(/minutes with too few pods/),
      expect.stringMatching(/^forecast error/),
    ]);
  });

  test('fail when the history is shifted by six hours', async () => {
    const { load, from } = await short();
    const late = load.minutes.map((_, minute) => load.minutes[Math.max(0, minute - 6 * HOUR)] as number);
    expect(shortcomings(compare(load, from, late))).toContainEqual(expect.stringMatching(/^forecast error/));
  });

  test('pass with the true history', async () => {
    const { load, from } = await short();
    expect(shortcomings(compare(load, from))).toEqual([]);
  });
});

test('a different future changes no earlier decision', async () => {
  const series = PUBLIC_SERIES[1];
  if (!series) throw new Error('no series');
  const all = loadOf(series, (await publicSeries()).taylor, PEAK_CORES);
  const from = series.testFrom * DAY;
  const load = { ...all, minutes: all.minutes.subarray(0, from + 5 * DAY) };
  const days = 3;
  const other = load.minutes.map((value, minute) => (minute > from + days * DAY ? value / 3 : value));
  const one = play(load, from, SETTING, { predictive: true });
  const two = play({ ...load, minutes: other }, from, SETTING, { predictive: true });
  expect(two.minReplicas.subarray(0, days * DAY)).toEqual(one.minReplicas.subarray(0, days * DAY));
  expect(two.forecasts.slice(0, days * 144)).toEqual(one.forecasts.slice(0, days * 144));
  expect(two.minReplicas).not.toEqual(one.minReplicas);
});
