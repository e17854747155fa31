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
/** Buckets of a day. */
const SHOWN_BUCKETS = (24 * 60) / BUCKET_MINUTES;
/** How far ahead the page shows the forecast. Scaling looks no further ahead than the spec's horizon. */
const AHEAD_MINUTES = 120;

/** The load of a component and its forecast, in CPU cores. */
export interface ForecastView {
  /** When the load was saved, RFC 3339. */
  savedAt: string;
  /** Start of the first bucket, in ms since 1970. */
  from: number;
  stepMs: number;
  /** Mean load of each bucket of the last day; null: unknown. */
  past: (number | null)[];
  /** Forecast of the buckets that follow, with its 90 % band; empty while the load is still being learned. */
  ahead: { mean: number; low: number; high: number }[];
}

/** Computed views by record: cached records never change, and a forecast takes about 50 ms. */
const computed = new WeakMap<StoredObject<ConfigMap>, Partial<Record<ComponentName, ForecastView | undefined>>>();

/**
 * Returns the saved load of a component and its forecast, as of when the load was saved. Undefined if predictive scaling is off
 * for the component or nothing is saved yet.
 */
export function forecastView(
  api: StoredObject<RestAPI>,
  component: ComponentName,
  record: StoredObject<ConfigMap> | undefined,
): ForecastView | undefined {
  if (!record || !predictiveScalingOf(api, component)) return undefined;
  const views = computed.get(record) ?? {};
  computed.set(record, views);
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
  const shown = values.subarray(-SHOWN_BUCKETS);
  const { minReplicas: min = 1, maxReplicas: max = 1 } = scalingOf(api, component) ?? {};
  // The capacity of a pod affects the recommended replicas, not the forecast load.
  const { forecast } = recommend({ history: load, now, horizonMinutes: AHEAD_MINUTES, perReplica: 1, min, max });
  return {
    savedAt,
    from: (first + values.length - shown.length) * STEP_MS,
    stepMs: STEP_MS,
    past: [...shown].map((value) => (Number.isNaN(value) ? null : round(value))),
    ahead: forecast.map(({ mean, low, high }) => ({ mean: round(mean), low: round(low), high: round(high) })),
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
