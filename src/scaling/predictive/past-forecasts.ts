import type { KnownLoad } from './load-history.ts';
import { SeasonalModel, type Smoothing } from './seasonal-model.ts';
import { longest, type Seasons } from './seasons.ts';
import { meanOf, startOf } from './start-of.ts';

/** Share of the mean load added to each value, as the model takes ratios and the load can be 0. */
const OFFSET = 0.05;

/** The forecasts that would have been made at each step of the history, and at its end. */
export interface PastForecasts {
  /** Index of the first step with a forecast; earlier steps start the model. */
  begin: number;
  /** Forecast at step `from` for step `from + ahead` (ahead: 1 or more). May be slightly negative. */
  at(from: number, ahead: number): number;
  /** What is added to a value to take ratios of it. */
  offset: number;
}

/**
 * Replays the history once, forecasting each value before learning it.
 *
 * @param steps how far ahead to forecast: these numbers of steps
 * @param end index of the step to stop before
 */
export function pastForecasts(
  known: KnownLoad,
  seasons: Seasons,
  smoothing: Smoothing,
  steps: readonly number[],
  end = known.values.length,
): PastForecasts {
  const { first, values } = known;
  const offset = OFFSET * meanOf(values.subarray(0, 2 * longest(seasons))) || 1;
  const begin = 2 * longest(seasons) - 1;
  const model = new SeasonalModel(smoothing, startOf(known, seasons, offset));
  const made = new Float64Array(Math.max(0, end - begin) * steps.length);
  /** By how far ahead. */
  const places: number[] = [];
  for (const [place, ahead] of steps.entries()) places[ahead] = place;
  for (let index = begin; index < end; index++) {
    const value = (values[index] as number) + offset;
    // The values the model starts from are not learned again.
    if (Number.isNaN(value)) model.skip();
    else if (index > begin) model.learn(first + index, value);
    const row = (index - begin) * steps.length;
    for (let place = 0; place < steps.length; place++) {
      made[row + place] = model.forecast(first + index, steps[place] as number) - offset;
    }
  }
  return {
    begin,
    offset,
    at: (from, ahead) => made[(from - begin) * steps.length + (places[ahead] as number)] as number,
  };
}
