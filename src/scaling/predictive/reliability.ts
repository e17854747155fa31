import type { ForecastError } from './forecast-error.ts';
import { BUCKETS_PER_DAY } from './load-history.ts';
import type { Seasons } from './seasons.ts';

/** Forecasts that must have been compared with the load before one is relied on. */
const ENOUGH = BUCKETS_PER_DAY / 2;
/** A forecast becomes reliable when its error is below these shares of the errors of the naive ones, */
const GOOD = { asNow: 0.9, seasonalNaive: 1 };
/** and stops being reliable above these: errors of one day are a small sample, and two good forecasts tie often. */
const BAD = { asNow: 1, seasonalNaive: 1.2 };

export interface Reliability {
  reliable: boolean;
  /** For people. */
  reason: string;
}

/**
 * Judges whether the forecast was better than two naive ones: as last time, and as now. An autoscaler acts on the second,
 * so a forecast no better than that only costs pods.
 */
export function judge(errors: ForecastError, seasons: Seasons, before: boolean): Reliability {
  const { forecast, seasonalNaive, asNow, compared } = errors;
  const span = `the last ${Math.round(errors.hours)} hours`;
  if (compared < ENOUGH) {
    const hours = (count: number) => Math.floor((count * 24) / BUCKETS_PER_DAY);
    return {
      reliable: false,
      reason: `learning: forecasts of ${hours(compared)} hours were compared with the load, ${hours(ENOUGH)} are needed`,
    };
  }
  if (!Number.isFinite(forecast)) return { reliable: false, reason: `there was no load in ${span}` };
  const most = before ? BAD : GOOD;
  const reliable = forecast < asNow * most.asNow && forecast < seasonalNaive * most.seasonalNaive;
  const last = seasons.name === 'weekly' ? 'last week' : 'yesterday';
  const numbers = `off by ${percent(forecast)} of the load in ${span}, "as ${last}" by ${percent(seasonalNaive)}, "as now" by ${percent(asNow)}`;
  return {
    reliable,
    reason: reliable ? `the forecast was ${numbers}` : `not enough better than a naive forecast: it was ${numbers}`,
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
