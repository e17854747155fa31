import { type CheckAttempt, timeoutOf } from '../../resources/index.ts';
import type { AttemptResult } from '../blue-green/observed.ts';
import { numberOf, type PrometheusResponse, type QueryRoute, queryPrometheus } from '../prometheus/query-prometheus.ts';
import { isUnresolved, problemOf } from './problem.ts';

/**
 * Makes one instant query and checks that all values are within the bounds. Whatever keeps it from a value is `unknown`: a
 * server that is away, a query it refuses, no data, or a value that is not a number, such as a ratio of no requests.
 *
 * @param signal ends the request; its result means nothing then
 */
export async function prometheusCheck(
  attempt: CheckAttempt,
  server: URL | undefined,
  route: QueryRoute,
  signal: AbortSignal,
): Promise<AttemptResult> {
  if (!server) {
    const message = 'no Prometheus server is configured: start the operator with --prometheus-url, or remove the check';
    return { ok: false, unknown: true, final: true, message };
  }
  const { check } = attempt;
  try {
    const parameters = { query: queryOf(attempt) };
    const answer = await queryPrometheus(server, route, 'query', parameters, timeoutOf(check) * 1_000, signal);
    return judge(valuesOf(answer), check.prometheus?.min, check.prometheus?.max);
  } catch (error) {
    const remedy = isUnresolved(error)
      ? '. From outside the cluster, name its Service in --prometheus-url: http://NAME.NAMESPACE.svc:PORT'
      : '';
    const message = `the query to Prometheus failed: ${problemOf(error, check)}${remedy}`;
    return { ok: false, unknown: true, message };
  }
}

/** Fills in the placeholders of the query. Kubernetes names need no escaping in PromQL. */
export function queryOf({ check, environment }: CheckAttempt): string {
  const { name, namespace = '' } = environment.api.metadata;
  const known: Record<string, string> = { name: String(name), namespace, environment: environment.name };
  return (check.prometheus?.query ?? '').replace(/\{\{(name|namespace|environment)\}\}/g, (_, key) => known[key] ?? '');
}

function valuesOf({ data = {} }: PrometheusResponse): number[] {
  const { resultType, result } = data;
  if (resultType === 'scalar') return [numberOf((result as [number, string])[1])];
  if (resultType === 'vector') return (result as { value: [number, string] }[]).map(({ value }) => numberOf(value[1]));
  throw new Error(`the result is a ${resultType}, expected an instant vector or a scalar`);
}

function judge(values: number[], min: number | undefined, max: number | undefined): AttemptResult {
  if (values.length === 0) return { ok: false, unknown: true, message: 'the query returned no value' };
  if (values.some(Number.isNaN)) return { ok: false, unknown: true, message: 'the query returned NaN' };
  const bad = values.find((value) => value < (min ?? -Infinity) || value > (max ?? Infinity));
  const bounds = [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max}`].filter(Boolean);
  const wanted = bounds.join(' and ');
  if (bad !== undefined) return { ok: false, message: `the query returned ${bad}, expected ${wanted}` };
  return { ok: true, message: `the query returned ${values.slice(0, 5).join(', ')}, which is ${wanted}` };
}
