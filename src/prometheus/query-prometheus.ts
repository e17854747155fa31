import type { Dispatcher } from 'undici';
import type { ApiClient } from '../../operator/index.ts';
import { type ServiceAddress, serviceOfUrl } from '../services/service-address.ts';
import { getThroughProxy } from '../services/service-proxy.ts';
import type { ServiceRoute } from '../services/service-route.ts';

/** The fields of a response that are read: https://prometheus.io/docs/prometheus/latest/querying/api/ */
export interface PrometheusResponse {
  status?: string;
  error?: string;
  data?: { resultType?: string; result?: unknown };
}

/** The largest response that is read, in bytes: 4,104 points take 120 KB. */
const MAX_BODY = 1_024 * 1_024;

/** How queries reach Prometheus: on connections of a dispatcher, or through the API server to a Service of the cluster. */
export type QueryRoute = { dispatcher: Dispatcher } | { client: ApiClient; service: ServiceAddress };

/** Returns how queries reach a server. Only one whose URL is `<service>.<namespace>.svc` is reached through the API server. */
export function queryRoute(
  server: URL | undefined,
  route: ServiceRoute,
  dispatcher: Dispatcher,
  client: ApiClient,
): QueryRoute {
  const service = server && route === 'api-server' ? serviceOfUrl(server) : undefined;
  return service ? { client, service } : { dispatcher };
}

/**
 * Queries Prometheus's HTTP API.
 *
 * @param api `query` or `query_range`
 * @param timeoutMs deadline of the request
 * @param signal ends the request
 * @throws Error if there is no response, or it is not JSON, too large, or reports a failed query
 */
export async function queryPrometheus(
  server: URL,
  route: QueryRoute,
  api: 'query' | 'query_range',
  parameters: Record<string, string>,
  timeoutMs: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<PrometheusResponse> {
  const path = `${server.pathname.replace(/\/$/, '')}/api/v1/${api}`;
  const form = new URLSearchParams({ ...parameters, timeout: `${timeoutMs}ms` }).toString();
  if ('dispatcher' in route) {
    const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    return post(server.origin, path, form, route.dispatcher, timeoutMs, either);
  }
  const limits = { timeoutMs, maxBytes: MAX_BODY, signal };
  const { status, text } = await getThroughProxy(route.client, route.service, `${path}?${form}`, limits);
  if (text === undefined) throw new Error(`the response is larger than ${MAX_BODY} bytes, or did not end in time`);
  return responseOf(status, text);
}

async function post(
  origin: string,
  path: string,
  form: string,
  dispatcher: Dispatcher,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PrometheusResponse> {
  const { statusCode, body } = await dispatcher.request({
    origin,
    path,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'restapi-operator' },
    body: form,
    signal,
    headersTimeout: timeoutMs,
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BODY) throw new Error(`the response is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return responseOf(statusCode, Buffer.concat(chunks).toString('utf8'));
}

function responseOf(status: number, text: string): PrometheusResponse {
  let response: PrometheusResponse;
  try {
    response = JSON.parse(text) as PrometheusResponse;
  } catch {
    throw new Error(`status ${status}, and the body is not JSON`);
  }
  if (status !== 200 || response.status !== 'success') throw new Error(response.error ?? `status ${status}`);
  return response;
}

/** Parses a sample value; Prometheus formats infinity as Go does. */
export function numberOf(text: string): number {
  return Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'));
}
