import { band } from './band.ts';
import { fittedSmoothing } from './fitted.ts';
import { errorWindow, type ForecastError, forecastError } from './forecast-error.ts';
import { BUCKET_MINUTES, BUCKET_MS, type KnownLoad, type LoadHistory } from './load-history.ts';
import { minReplicasFor } from './min-replicas.ts';
import { pastForecasts } from './past-forecasts.ts';
import { judge, type Reliability } from './reliability.ts';
import type { Smoothing } from './seasonal-model.ts';
import { DAYS_TO_LEARN, longest, type Seasons, seasonsOf } from './seasons.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Share of loads that should be between low and high. */
const CONFIDENCE = 0.9;
/** A forecast is not made if the last known load is older. */
const STALE_MS = 60 * 60_000;

/** What a decision is made from. Times in ms since 1970. */
export interface Circumstances {
  history: LoadHistory;
  now: number;
  /** How far to forecast: the time a new pod needs until it carries load, and some more; 10 to 120. */
  horizonMinutes: number;
  /** Load one pod carries at the autoscaler's target: for CPU, requested cores × target. */
  perReplica: number;
  /** The spec's least number of pods. */
  min: number;
  /** The spec's largest number of pods. */
  max: number;
  /** State of the last decision; may be lost. */
  state?: PredictiveState;
}

/** State from one decision to the next, about 180 bytes of JSON. */
export interface PredictiveState {
  minReplicas: number;
  /** When minReplicas last changed. */
  changedAt: number;
  reliable: boolean;
  /** The fitted model, reused for a day. */
  fit?: { at: number; season: Seasons['name']; ahead: number; smoothing: Smoothing };
}

export interface ForecastPoint {
  /** Start of ten minutes, in ms since 1970. */
  at: number;
  /** Mean load of these ten minutes, and the band it is in 9 of 10 times. */
  mean: number;
  low: number;
  high: number;
}

export interface Recommendation {
  /** For the autoscaler. Never above max, never below min; min while the forecast is not reliable. */
  minReplicas: number;
  /** From the current ten minutes to the end of the horizon. Empty while learning. */
  forecast: ForecastPoint[];
  /** Recent error of forecasts for the end of the horizon, as a share of the load; undefined: not known yet. */
  error: number | undefined;
  /** Error of the better of two naive forecasts: as a day or week ago, or as now. */
  naiveError: number | undefined;
  /** All of the errors. */
  errors: ForecastError | undefined;
  /** Whether minReplicas follows the forecast. */
  reliable: boolean;
  /** Why, for people. */
  reason: string;
  /** The learned season. */
  season: Seasons['name'] | undefined;
  state: PredictiveState;
}

/**
 * Recommends the minReplicas of a component's autoscaler, so that pods are ready before the load comes. Pure: the result
 * depends on the circumstances only, and changes at most every ten minutes unless they do.
 *
 * @throws RangeError if perReplica, horizonMinutes, min or max is invalid
 */
export function recommend(circumstances: Circumstances): Recommendation {
  check(circumstances);
  const { history, now, horizonMinutes, state } = circumstances;
  const known = history.known(now);
  const { values } = known;
  const seasons = seasonsOf(known);
  if (!seasons) {
    const days = ((values.length * BUCKET_MS) / DAY_MS).toFixed(1);
    return decided(circumstances, {
      reliable: false,
      reason: `learning: the load of ${days} days is known, ${DAYS_TO_LEARN} are needed`,
    });
  }
  // The current ten minutes, and those until the end of the horizon.
  const ahead = 1 + Math.ceil(horizonMinutes / BUCKET_MINUTES);
  const kept = state?.fit;
  const fresh =
    kept?.season === seasons.name && kept.ahead === ahead && now >= kept.at && now - kept.at < DAY_MS
      ? kept
      : undefined;
  const { smoothing, errors, forecast } = foreseen(known, seasons, ahead, fresh?.smoothing);
  const lastKnown = values.findLastIndex((value) => !Number.isNaN(value));
  const age = (values.length - 1 - lastKnown) * BUCKET_MS;
  const reliability: Reliability =
    age > STALE_MS
      ? { reliable: false, reason: `the load of the last ${Math.round(age / 60_000)} minutes is not known` }
      : judge(errors, seasons, state?.reliable ?? false);
  const kind = { at: fresh?.at ?? now, season: seasons.name, ahead, smoothing };
  return decided(circumstances, reliability, { forecast, errors, seasons, fit: kind });
}

interface Foreseen {
  smoothing: Smoothing;
  errors: ForecastError;
  forecast: ForecastPoint[];
}

/** The last forecast of a load: it is the same until another ten minutes are known. */
const LAST = new WeakMap<KnownLoad, { how: string; foreseen: Foreseen }>();

/** @param given smoothing; without it, it is fitted, which takes a thousand times as long */
function foreseen(known: KnownLoad, seasons: Seasons, ahead: number, given?: Smoothing): Foreseen {
  const how = JSON.stringify([ahead, given]);
  const last = LAST.get(known);
  if (last?.how === how) return last.foreseen;
  const { values, first } = known;
  const window = errorWindow(known);
  // The fit stops where the error window begins, so that errors are those of unseen values.
  const smoothing = given ?? fittedSmoothing(known, seasons, ahead, values.length - window);
  const steps = Array.from({ length: ahead }, (_, index) => index + 1);
  const past = pastForecasts(known, seasons, smoothing, steps);
  const found = {
    smoothing,
    errors: forecastError(known, past, { period: longest(seasons), ahead, window }),
    forecast: steps.map((step) => ({
      at: (first + values.length - 1 + step) * BUCKET_MS,
      ...band(known, past, step, CONFIDENCE),
    })),
  };
  LAST.set(known, { how, foreseen: found });
  return found;
}

function decided(
  { now, perReplica, min, max, state }: Circumstances,
  { reliable, reason }: Reliability,
  learned?: {
    forecast: ForecastPoint[];
    errors: ForecastError;
    seasons: Seasons;
    fit: NonNullable<PredictiveState['fit']>;
  },
): Recommendation {
  const most = Math.max(...(learned?.forecast ?? []).map(({ high }) => high));
  const minReplicas = reliable ? minReplicasFor(most, { perReplica, min, max, now }, state) : min;
  const errors = learned?.errors.compared ? learned.errors : undefined;
  return {
    minReplicas,
    forecast: learned?.forecast ?? [],
    error: errors?.forecast,
    naiveError: errors && Math.min(errors.seasonalNaive, errors.asNow),
    errors,
    reliable,
    reason,
    season: learned?.seasons.name,
    state: {
      minReplicas,
      changedAt: state?.minReplicas === minReplicas ? state.changedAt : now,
      reliable,
      ...(learned && { fit: learned.fit }),
    },
  };
}

function check({ perReplica, horizonMinutes, min, max }: Circumstances): void {
  if (!(perReplica > 0 && Number.isFinite(perReplica))) {
    throw new RangeError(`perReplica is ${perReplica}: the load one pod carries must be greater than 0`);
  }
  if (!(horizonMinutes >= 10 && horizonMinutes <= 120)) {
    throw new RangeError(`horizonMinutes is ${horizonMinutes}: it must be from 10 to 120`);
  }
  if (!(Number.isInteger(min) && Number.isInteger(max) && min >= 0 && max >= min)) {
    throw new RangeError(`min is ${min} and max is ${max}: both must be whole numbers, and max at least min`);
  }
}
