import type { ComponentName } from '../../../resources/api/component-name.ts';
import { SHOP_RESOURCES } from './shops.ts';

/** The ports of the components, as those of a RestAPI by default. */
export const PORTS: Readonly<Record<ComponentName, number>> = {
  view: 3000,
  controller: 8081,
  model: 8080,
  repository: 8082,
};

/** In the order of calls. */
export const CALLED_IN_ORDER = Object.keys(PORTS) as ComponentName[];

/**
 * The shop as it would run without an operator: four Deployments with rolling updates and their Services. The probes are
 * those that the operator generates by default.
 *
 * @param image of all four
 */
export function plainShop(name: string, image: string): object[] {
  return CALLED_IN_ORDER.flatMap((component) => {
    const labels = { app: name, component };
    const port = PORTS[component];
    const probe = { httpGet: { path: '/health', port } };
    const container = {
      ...shopContainer(name, component, image),
      startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: { ...probe, periodSeconds: 5 },
      livenessProbe: { ...probe, periodSeconds: 10 },
      resources: SHOP_RESOURCES,
    };
    const metadata = { name: `${name}-${component}`, namespace: 'default', labels };
    return [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [container] } },
        },
      },
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: [{ port }] } },
    ];
  });
}

/** The container of a component that calls the Service `NAME-COMPONENT` of the next one. Probes and resources are not set. */
export function shopContainer(name: string, component: ComponentName, image: string): object {
  const port = PORTS[component];
  const next = CALLED_IN_ORDER[CALLED_IN_ORDER.indexOf(component) + 1];
  return {
    name: component,
    image,
    ports: [{ containerPort: port }],
    env: [
      { name: 'COMPONENT', value: component },
      { name: 'PORT', value: String(port) },
      ...(next ? [{ name: `${next.toUpperCase()}_URL`, value: `http://${name}-${next}:${PORTS[next]}` }] : []),
    ],
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
  };
}
