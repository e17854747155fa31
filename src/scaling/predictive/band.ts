import { BUCKETS_PER_DAY, type KnownLoad } from './load-history.ts';
import type { PastForecasts } from './past-forecasts.ts';

/** Errors are taken from so many of the last days. */
const DAYS = 14;
/** Errors from so far before to so far after the same time of day. */
const AROUND = BUCKETS_PER_DAY / 24;
/** From fewer errors around that time of day nothing can be told: then those of all day are taken. */
const FEW = 20;

/**
 * Between which values the load will be, by what past forecasts of as many steps ahead were wrong by around the same time
 * of day. Errors are taken to grow with the root of the load, as those of counts do.
 *
 * @param confidence share of the loads that are between them, half of the rest on each side
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

  /** @param counts told by how many steps of a day a step is apart from the last one */
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
