import type { ComponentName, RestAPI } from '../api/rest-api.ts';

/** Metrics endpoint of a component. */
export interface ComponentMetrics {
  /** Name of the container's port. */
  portName: string;
  port: number;
  path: string;
}

/** Returns the metrics endpoint of a component; undefined if metrics are disabled. */
export function componentMetrics(api: RestAPI, component: ComponentName): ComponentMetrics | undefined {
  const { enabled = false, path = '/metrics', port } = api.spec.observability?.metrics ?? {};
  if (!enabled) return undefined;
  const own = api.spec[component].port;
  // A container port can have only one name.
  return { portName: port === undefined || port === own ? component : 'metrics', port: port ?? own, path };
}

/** Returns the pod annotations for the service discovery of Prometheus (convention of its Helm chart). */
export function metricsAnnotations(api: RestAPI, component: ComponentName): Record<string, string> {
  const metrics = componentMetrics(api, component);
  if (!metrics) return {};
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(metrics.port),
    'prometheus.io/path': metrics.path,
  };
}
