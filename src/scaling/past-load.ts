import type { ComponentName } from '../../resources/index.ts';
import { numberOf, type QueryRoute, queryPrometheus } from '../prometheus/query-prometheus.ts';
import { BUCKET_MINUTES, BUCKETS, LoadHistory } from './predictive/index.ts';

const STEP_SECONDS = BUCKET_MINUTES * 60;
const TIMEOUT_MS = 20_000;

/** The component whose load is queried. */
export interface LoadOf {
  namespace: string;
  /** Name of the RestAPI. */
  name: string;
  component: ComponentName;
}

/**
 * The CPU that the pods of a component used in the last weeks, from the metrics of the kubelets (cAdvisor) in Prometheus.
 *
 * @param signal ends the query
 * @throws Error if the query fails or returns no series
 */
export async function pastLoad(
  server: URL,
  route: QueryRoute,
  of: LoadOf,
  now: Date,
  signal?: AbortSignal,
): Promise<LoadHistory> {
  const end = Math.floor(now.getTime() / 1_000 / STEP_SECONDS) * STEP_SECONDS;
  const parameters = {
    query: queryOf(of),
    start: String(end - (BUCKETS - 1) * STEP_SECONDS),
    end: String(end),
    step: String(STEP_SECONDS),
  };
  const { data } = await queryPrometheus(server, route, 'query_range', parameters, TIMEOUT_MS, signal);
  const [series] = (data?.result ?? []) as { values: [number, string][] }[];
  if (!series)
    throw new Error(`Prometheus has no series for ${parameters.query}; check that it scrapes cAdvisor of the kubelets`);
  const history = LoadHistory.empty();
  // A rate covers the ten minutes before its time.
  for (const [at, value] of series.values) history.add((at - STEP_SECONDS) * 1_000, numberOf(value));
  return history;
}

/** All environments together, as only one of them has load. Kubernetes names need no escaping in PromQL, */
function queryOf({ namespace, name, component }: LoadOf): string {
  // except for dots, in a regular expression.
  const deployment = `${name}-${component}`.replaceAll('.', '[.]');
  const pods = `${deployment}(-blue|-green)?-[a-z0-9]+-[a-z0-9]{5}`;
  const labels = `namespace="${namespace}",container="${component}",pod=~"${pods}"`;
  return `sum(rate(container_cpu_usage_seconds_total{${labels}}[${BUCKET_MINUTES}m]))`;
}
