import type { Dispatcher } from 'undici';

/** The fields of a response that are read: https://prometheus.io/docs/prometheus/latest/querying/api/ */
export interface PrometheusResponse {
  status?: string;
  error?: string;
  data?: { resultType?: string; result?: unknown };
}

/** The largest response that is read, in bytes: 4,104 points take 120 KB. */
const MAX_BODY = 1_024 * 1_024;

/**
 * Queries Prometheus's HTTP API.
 *
 * @param api `query` or `query_range`
 * @param timeoutMs deadline of the request
 * @throws Error if there is no response, or it is not JSON, too large, or reports a failed query
 */
export async function queryPrometheus(
  server: URL,
  dispatcher: Dispatcher,
  api: 'query' | 'query_range',
  parameters: Record<string, string>,
  timeoutMs: number,
): Promise<PrometheusResponse> {
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
  let response: PrometheusResponse;
  try {
    response = JSON.parse(text) as PrometheusResponse;
  } catch {
    throw new Error(`status ${statusCode}, and the body is not JSON`);
  }
  if (statusCode !== 200 || response.status !== 'success') throw new Error(response.error ?? `status ${statusCode}`);
  return response;
}

/** Parses a sample value; Prometheus formats infinity as Go does. */
export function numberOf(text: string): number {
  return Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'));
}
