import type { Dispatcher } from 'undici';
import { type CheckAttempt, timeoutOf } from '../../resources/index.ts';
import type { Answer } from '../blue-green/observed.ts';
import { problemOf } from './problem.ts';

/** More than this is no answer to a query that is about one application, in bytes. */
const MAX_BODY = 1_024 * 1_024;

/** What of Prometheus's answer is read: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
interface QueryAnswer {
  status?: string;
  error?: string;
  data?: { resultType?: string; result?: unknown };
}

/** One instant query, and whether all of its values are within the bounds. */
export async function prometheusCheck(
  attempt: CheckAttempt,
  server: URL | undefined,
  dispatcher: Dispatcher,
): Promise<Answer> {
  if (!server) {
    const message =
      'the operator was told of no Prometheus server: start it with --prometheus-url, or take the check out';
    return { ok: false, final: true, message };
  }
  const { check } = attempt;
  try {
    const values = valuesOf(await ask(attempt, server, dispatcher));
    return judge(values, check.prometheus?.min, check.prometheus?.max);
  } catch (error) {
    return { ok: false, message: `the query to Prometheus failed: ${problemOf(error, check)}` };
  }
}

/** The query with what it looks at filled in: names of Kubernetes, which hold nothing that PromQL would read otherwise. */
export function queryOf({ check, environment }: CheckAttempt): string {
  const { name, namespace = '' } = environment.api.metadata;
  const known: Record<string, string> = { name: String(name), namespace, environment: environment.name };
  return (check.prometheus?.query ?? '').replace(/\{\{(name|namespace|environment)\}\}/g, (_, key) => known[key] ?? '');
}

async function ask(attempt: CheckAttempt, server: URL, dispatcher: Dispatcher): Promise<QueryAnswer> {
  const timeoutMs = timeoutOf(attempt.check) * 1_000;
  const signal = AbortSignal.timeout(timeoutMs);
  const { statusCode, body } = await dispatcher.request({
    origin: server.origin,
    path: `${server.pathname.replace(/\/$/, '')}/api/v1/query`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'restapi-operator' },
    body: new URLSearchParams({ query: queryOf(attempt), timeout: `${timeoutMs}ms` }).toString(),
    signal,
    headersTimeout: timeoutMs,
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`the answer is longer than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  let answer: QueryAnswer;
  try {
    answer = JSON.parse(text) as QueryAnswer;
  } catch {
    throw new Error(`status ${statusCode}, and no JSON`);
  }
  if (statusCode !== 200 || answer.status !== 'success') throw new Error(answer.error ?? `status ${statusCode}`);
  return answer;
}

function valuesOf({ data = {} }: QueryAnswer): number[] {
  const { resultType, result } = data;
  if (resultType === 'scalar') return [numberOf((result as [number, string])[1])];
  if (resultType === 'vector') return (result as { value: [number, string] }[]).map(({ value }) => numberOf(value[1]));
  throw new Error(`it gives a ${resultType} instead of an instant vector or a scalar`);
}

function judge(values: number[], min: number | undefined, max: number | undefined): Answer {
  if (values.length === 0) return { ok: false, message: 'the query gave no value' };
  const bad = values.find((value) => Number.isNaN(value) || value < (min ?? -Infinity) || value > (max ?? Infinity));
  const bounds = [min !== undefined && `at least ${min}`, max !== undefined && `at most ${max}`].filter(Boolean);
  const wanted = bounds.join(' and ');
  if (bad !== undefined) return { ok: false, message: `the query gave ${bad}, which should be ${wanted}` };
  return { ok: true, message: `the query gave ${values.slice(0, 5).join(', ')}, which is ${wanted}` };
}

/** Prometheus writes infinity as Go does. */
function numberOf(text: string): number {
  return Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'));
}
