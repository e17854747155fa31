import type { ForecastError } from './forecast-error.ts';
import { BUCKETS_PER_DAY } from './load-history.ts';
import type { Seasons } from './seasons.ts';

/** Forecasts that were compared with what came, before one is relied on. */
const ENOUGH = BUCKETS_PER_DAY / 2;
/** A forecast is relied on when its error is below this share of the error of simple ones; no more when above 1. */
const GOOD = 0.9;

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
  const simple = Math.min(seasonalNaive, asNow);
  if (!Number.isFinite(forecast)) return { reliable: false, reason: `there was no load in ${span}` };
  const reliable = forecast < simple * (before ? 1 : GOOD);
  const last = seasons.name === 'weekly' ? 'last week' : 'yesterday';
  const numbers = `wrong by ${percent(forecast)} of the load in ${span}, "as ${last}" by ${percent(seasonalNaive)}, "as now" by ${percent(asNow)}`;
  return {
    reliable,
    reason: reliable ? `the forecast was ${numbers}` : `not enough better than no forecast: it was ${numbers}`,
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
