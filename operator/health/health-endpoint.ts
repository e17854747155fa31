import type { Endpoint } from './endpoint.ts';

/** Whether something is well: undefined, or in words what is not. */
export type HealthCheck = () => string | undefined;

/** Answers kubelets and load balancers: 200 `ok`, or 503 and what is wrong. */
export function healthEndpoint(check: HealthCheck): Endpoint {
  return () => {
    const trouble = check();
    const status = trouble === undefined ? 200 : 503;
    return { status, contentType: 'text/plain; charset=utf-8', body: `${trouble ?? 'ok'}\n` };
  };
}
