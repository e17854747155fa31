import type { Endpoint } from './endpoint.ts';

/** Checks the health of something. Returns undefined if it is healthy, otherwise the problem. */
export type HealthCheck = () => string | undefined;

/** Answers kubelets and load balancers: 200 `ok`, or 503 and the problem. */
export function healthEndpoint(check: HealthCheck): Endpoint {
  return () => {
    const trouble = check();
    const status = trouble === undefined ? 200 : 503;
    return { status, contentType: 'text/plain; charset=utf-8', body: `${trouble ?? 'ok'}\n` };
  };
}
