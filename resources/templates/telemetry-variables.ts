import type { ComponentName } from '../api/rest-api.ts';
import type { Environment } from '../model/environment.ts';
import { componentObjectName, environmentObjectName } from '../model/object-names.ts';

/** An environment variable of a container. */
export interface Variable {
  name: string;
  value?: string;
  valueFrom?: object;
}

/**
 * Returns the variables of the OpenTelemetry SDK (https://opentelemetry.io/docs/specs/semconv/resource/k8s/) if
 * spec.observability.tracing is set. Variables in spec.envVars and spec.<component>.env take precedence.
 */
export function telemetryVariables({ api, name }: Environment, component: ComponentName): Variable[] {
  const endpoint = api.spec.observability?.tracing?.endpoint;
  if (endpoint === undefined) return [];
  const version = versionOf(api.spec[component].image ?? api.spec.image);
  const attributes = {
    'service.namespace': api.metadata.name,
    ...(version && { 'service.version': version }),
    'k8s.namespace.name': api.metadata.namespace,
    'k8s.deployment.name': environmentObjectName(api, component, name),
    'k8s.container.name': component,
    // Expanded by the kubelet from the variable defined above.
    'k8s.pod.name': '$(K8S_POD_NAME)',
  };
  const variables = [
    { name: 'K8S_POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: endpoint },
    { name: 'OTEL_SERVICE_NAME', value: componentObjectName(api, component) },
    {
      name: 'OTEL_RESOURCE_ATTRIBUTES',
      value: Object.entries(attributes)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    },
  ];
  const own = new Set([
    ...Object.keys(api.spec.envVars ?? {}),
    ...(api.spec[component].env ?? []).map((variable) => variable.name),
  ]);
  return variables.filter((variable) => !own.has(variable.name));
}

/** Returns the tag of an image or, without one, its digest; undefined if it has neither. */
export function versionOf(image: string): string | undefined {
  const [name = '', digest] = image.split('@');
  // A colon before a slash separates the port of the registry.
  return /:([^/:]+)$/.exec(name)?.[1] ?? digest;
}
