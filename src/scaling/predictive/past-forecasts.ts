import type { KnownLoad } from './load-history.ts';
import { SeasonalModel, type Smoothing } from './seasonal-model.ts';
import { longest, type Seasons } from './seasons.ts';
import { meanOf, startOf } from './start-of.ts';

/** Of the mean load: what is added to each value, as the model takes ratios and the load of a night can be 0. */
const OFFSET = 0.05;

/** What would have been forecast, at each step of the history, from what was known until then; and from its end. */
export interface PastForecasts {
  /** Index of the first step that a forecast was made after: before, the model was made. */
  begin: number;
  /** Seen from step `from`, the value of step `from + ahead` (ahead: 1 or more). May be a little below 0. */
  at(from: number, ahead: number): number;
  /** What is added to a value to take ratios of it. */
  offset: number;
}

/**
 * Goes through the history once, forecasting before each value is looked at.
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
    // The values that the model was made from are not learned again.
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
