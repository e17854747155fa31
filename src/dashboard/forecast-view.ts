import type { StoredObject } from '../../operator/index.ts';
import {
  type ComponentName,
  type ConfigMap,
  predictiveScalingOf,
  type RestAPI,
  SCALING_SAVED_AT,
  scalingOf,
} from '../../resources/index.ts';
import { learnedOf } from '../scaling/learned.ts';
import { BUCKET_MINUTES, recommend } from '../scaling/predictive/index.ts';

const STEP_MS = BUCKET_MINUTES * 60_000;
/** Ten minutes of a day. */
const SHOWN = (24 * 60) / BUCKET_MINUTES;
/** So far ahead is shown, though nothing is decided for longer than the spec says. */
const AHEAD_MINUTES = 120;

/** The load of a component that its pods are forecast from, in CPU cores. */
export interface ForecastView {
  /** When what is shown was written down, RFC 3339. */
  savedAt: string;
  /** Beginning of the first ten minutes, in ms since 1970. */
  from: number;
  stepMs: number;
  /** Means of the last day; null: not known. */
  past: (number | null)[];
  /** What follows: mean, and the band it is in 9 of 10 times; empty while it is learned. */
  ahead: { mean: number; low: number; high: number }[];
}

/** Records do not change once they are in a cache, and a forecast anew takes some 50 ms. */
const known = new WeakMap<StoredObject<ConfigMap>, Partial<Record<ComponentName, ForecastView | undefined>>>();

/**
 * What was learned of the load of a component and is expected of it, as of when it was last written down; undefined: it is
 * not forecast, or nothing is known yet.
 */
export function forecastView(
  api: StoredObject<RestAPI>,
  component: ComponentName,
  record: StoredObject<ConfigMap> | undefined,
): ForecastView | undefined {
  if (!record || !predictiveScalingOf(api, component)) return undefined;
  const views = known.get(record) ?? {};
  known.set(record, views);
  if (!(component in views)) views[component] = viewOf(api, component, record);
  return views[component];
}

function viewOf(
  api: StoredObject<RestAPI>,
  component: ComponentName,
  { data }: StoredObject<ConfigMap>,
): ForecastView | undefined {
  const savedAt = data[SCALING_SAVED_AT] ?? '';
  const now = Date.parse(savedAt);
  if (Number.isNaN(now)) return undefined;
  const { load } = learnedOf(data, component).learned;
  const { first, values } = load.known(now);
  if (values.length === 0) return undefined;
  const shown = values.subarray(-SHOWN);
  const { minReplicas: min = 1, maxReplicas: max = 1 } = scalingOf(api, component) ?? {};
  // How much a pod carries decides how many there are, not how much load is forecast.
  const { forecast } = recommend({ history: load, now, horizonMinutes: AHEAD_MINUTES, perReplica: 1, min, max });
  return {
    savedAt,
    from: (first + values.length - shown.length) * STEP_MS,
    stepMs: STEP_MS,
    past: [...shown].map((value) => (Number.isNaN(value) ? null : short(value))),
    ahead: forecast.map(({ mean, low, high }) => ({ mean: short(mean), low: short(low), high: short(high) })),
  };
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
