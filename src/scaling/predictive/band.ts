import { BUCKETS_PER_DAY, type KnownLoad } from './load-history.ts';
import type { PastForecasts } from './past-forecasts.ts';

/** Days that errors are taken from. */
const DAYS = 14;
/** Steps before and after the same time of day that errors are taken from. */
const AROUND = BUCKETS_PER_DAY / 24;
/** With fewer errors around that time of day, those of the whole day are used. */
const FEW = 20;

/**
 * Prediction interval of the load, from the errors of past forecasts of as many steps ahead around the same time of day.
 * Errors are assumed to grow with the square root of the load, as those of counts do.
 *
 * @param confidence share of loads within the interval; half of the rest is on each side
 */
export function band(
  { values }: KnownLoad,
  past: PastForecasts,
  ahead: number,
  confidence: number,
): { mean: number; low: number; high: number } {
  const last = values.length - 1;
  const scale = (forecast: number) => Math.sqrt(Math.max(forecast, 0) + past.offset);
  const begin = Math.max(past.begin, last - DAYS * BUCKETS_PER_DAY);
  const near = errorsWhere((apart) => Math.min(apart, BUCKETS_PER_DAY - apart) <= AROUND);
  const errors = (near.length >= FEW ? near : errorsWhere(() => true)).sort();
  const forecast = past.at(last, ahead);
  const tail = (1 - confidence) / 2;
  const mean = Math.max(0, forecast);
  const bound = (share: number) => forecast + quantile(errors, share) * scale(forecast);
  return { mean, low: Math.min(mean, Math.max(0, bound(tail))), high: Math.max(mean, bound(1 - tail)) };

  /** @param counts whether a step counts, by its distance from the last one in steps of a day */
  function errorsWhere(counts: (apart: number) => boolean): Float64Array {
    const errors = new Float64Array(Math.max(0, last - ahead - begin + 1));
    let count = 0;
    for (let from = begin; from + ahead <= last; from++) {
      if (!counts((last - from) % BUCKETS_PER_DAY)) continue;
      const forecast = past.at(from, ahead);
      const error = ((values[from + ahead] as number) - forecast) / scale(forecast);
      if (!Number.isNaN(error)) errors[count++] = error;
    }
    return errors.subarray(0, count);
  }
}

/** @returns 0 if there are no values */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? 0;
  return below + (above - below) * (place - Math.floor(place));
}
