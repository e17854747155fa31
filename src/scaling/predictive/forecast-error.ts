import { BUCKET_MINUTES, BUCKETS_PER_DAY, type KnownLoad } from './load-history.ts';
import type { PastForecasts } from './past-forecasts.ts';

/** Weights of the exponential means tried for "as now": from a long mean to the last value only. */
const AS_NOW = [0.02, 0.1, 0.3, 0.6, 1];

/** Errors of forecasts as a share of the load: sum of |error| by sum of load (WAPE). */
export interface ForecastError {
  /** Of the forecast. */
  forecast: number;
  /** Of "as at the same time of the last day or week" (the seasonal-naive forecast). */
  seasonalNaive: number;
  /** Of "as now": the last value, or the exponential mean that would have been best. */
  asNow: number;
  /** How many forecasts were compared with the load. */
  compared: number;
  /** Length of the compared time, in hours. */
  hours: number;
}

/**
 * @param period of the seasonal-naive forecast, in steps
 * @param ahead how many steps ahead was forecast
 * @param window how many of the last steps to compare
 */
export function forecastError(
  { values }: KnownLoad,
  past: PastForecasts,
  { period, ahead, window }: { period: number; ahead: number; window: number },
): ForecastError {
  const means = AS_NOW.map((weight) => ({ weight, mean: Number.NaN, errors: 0 }));
  let [load, forecast, seasonalNaive, compared] = [0, 0, 0, 0];
  const begin = Math.max(past.begin, values.length - window - ahead);
  // Earlier steps let the means forget their start.
  for (let from = Math.max(0, begin - period); from + ahead < values.length; from++) {
    const now = values[from] as number;
    for (const one of means) {
      if (Number.isNaN(one.mean)) one.mean = now;
      else if (!Number.isNaN(now)) one.mean += one.weight * (now - one.mean);
    }
    if (from < begin) continue;
    const came = values[from + ahead] as number;
    const before = values[from + ahead - period] as number;
    const all = came + before + past.at(from, ahead) + (means[0]?.mean ?? Number.NaN);
    if (Number.isNaN(all)) continue;
    compared++;
    load += came;
    forecast += Math.abs(Math.max(0, past.at(from, ahead)) - came);
    seasonalNaive += Math.abs(before - came);
    for (const one of means) one.errors += Math.abs(one.mean - came);
  }
  const asNow = Math.min(...means.map(({ errors }) => errors));
  return {
    forecast: forecast / load,
    seasonalNaive: seasonalNaive / load,
    asNow: asNow / load,
    compared,
    hours: (window * BUCKET_MINUTES) / 60,
  };
}

/**
 * Returns the number of most recent steps whose errors count: those of a day or, because a night or weekend without load shows
 * little, as many as had the load of an average day; at most those of a week.
 */
export function errorWindow({ values }: KnownLoad): number {
  const load = (from: number, to: number) => values.subarray(from, to).reduce((sum, one) => sum + (one || 0), 0);
  const week = Math.max(0, values.length - 7 * BUCKETS_PER_DAY);
  const average = load(week, values.length) / Math.min(7, values.length / BUCKETS_PER_DAY);
  let begin = Math.max(week, values.length - BUCKETS_PER_DAY);
  let carried = load(begin, values.length);
  while (begin > week && carried < average) carried += values[--begin] || 0;
  return values.length - begin;
}
