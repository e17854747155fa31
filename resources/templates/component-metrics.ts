import type { ComponentName, RestAPI } from '../api/rest-api.ts';

/** Where the metrics of a component are found. */
export interface ComponentMetrics {
  /** Name of the container's port. */
  portName: string;
  port: number;
  path: string;
}

/** Where the metrics of a component are, undefined if Prometheus is not to look. */
export function componentMetrics(api: RestAPI, component: ComponentName): ComponentMetrics | undefined {
  const { enabled = false, path = '/metrics', port } = api.spec.observability?.metrics ?? {};
  if (!enabled) return undefined;
  const own = api.spec[component].port;
  // A port of a container can have one name only.
  return { portName: port === undefined || port === own ? component : 'metrics', port: port ?? own, path };
}

/** What Prometheus looks for where it finds pods by annotations (the convention of its Helm chart). */
export function metricsAnnotations(api: RestAPI, component: ComponentName): Record<string, string> {
  const metrics = componentMetrics(api, component);
  if (!metrics) return {};
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(metrics.port),
    'prometheus.io/path': metrics.path,
  };
}
