import type { ForecastError } from './forecast-error.ts';
import { BUCKETS_PER_DAY } from './load-history.ts';
import type { Seasons } from './seasons.ts';

/** Forecasts that were compared with what came, before one is relied on. */
const ENOUGH = BUCKETS_PER_DAY / 2;
/** A forecast comes to be relied on when its error is below these shares of the errors of the simple ones, */
const GOOD = { asNow: 0.9, seasonalNaive: 1 };
/** and is no more when its error is above these. Errors of one day are a small sample, and two good forecasts tie often. */
const BAD = { asNow: 1, seasonalNaive: 1.2 };

export interface Verdict {
  reliable: boolean;
  /** In words. */
  reason: string;
}

/**
 * Whether the forecast was better than what needs no forecast: as last time, or as now. The second is what an autoscaler
 * acts on, so a forecast no better than it only costs pods.
 */
export function judge(errors: ForecastError, seasons: Seasons, before: boolean): Verdict {
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
