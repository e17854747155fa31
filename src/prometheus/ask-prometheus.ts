import type { Dispatcher } from 'undici';

/** What of Prometheus's answer is read: https://prometheus.io/docs/prometheus/latest/querying/api/ */
export interface PrometheusAnswer {
  status?: string;
  error?: string;
  data?: { resultType?: string; result?: unknown };
}

/** More than this is no answer about one application, in bytes: 4,104 points take 120 KB. */
const MAX_BODY = 1_024 * 1_024;

/**
 * Asks Prometheus's HTTP API.
 *
 * @param api `query` or `query_range`
 * @param timeoutMs after which no answer is waited for
 * @throws Error if there is none, it is no JSON, too long, or says that the query failed
 */
export async function askPrometheus(
  server: URL,
  dispatcher: Dispatcher,
  api: 'query' | 'query_range',
  parameters: Record<string, string>,
  timeoutMs: number,
): Promise<PrometheusAnswer> {
  const { statusCode, body } = await dispatcher.request({
    origin: server.origin,
    path: `${server.pathname.replace(/\/$/, '')}/api/v1/${api}`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'restapi-operator' },
    body: new URLSearchParams({ ...parameters, timeout: `${timeoutMs}ms` }).toString(),
    signal: AbortSignal.timeout(timeoutMs),
    headersTimeout: timeoutMs,
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`the response is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  let answer: PrometheusAnswer;
  try {
    answer = JSON.parse(text) as PrometheusAnswer;
  } catch {
    throw new Error(`status ${statusCode}, and the body is not JSON`);
  }
  if (statusCode !== 200 || answer.status !== 'success') throw new Error(answer.error ?? `status ${statusCode}`);
  return answer;
}

/** Prometheus writes infinity as Go does. */
export function numberOf(text: string): number {
  return Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'));
}
