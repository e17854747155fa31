import { SHOP_RESOURCES } from './shops.ts';

/**
 * The shop as it would run without an operator: four Deployments with rolling updates and their Services. The probes are
 * those that the operator generates by default.
 *
 * @param image of all four
 */
export function plainShop(name: string, image: string): object[] {
  const ports = { view: 3000, controller: 8081, model: 8080, repository: 8082 };
  const components = Object.keys(ports) as (keyof typeof ports)[];
  const url = (component: keyof typeof ports) => `http://${name}-${component}:${ports[component]}`;
  return components.flatMap((component, index) => {
    const labels = { app: name, component };
    const port = ports[component];
    const next = components[index + 1];
    const probe = { httpGet: { path: '/health', port } };
    const container = {
      name: component,
      image,
      ports: [{ containerPort: port }],
      env: [
        { name: 'COMPONENT', value: component },
        { name: 'PORT', value: String(port) },
        ...(next ? [{ name: `${next.toUpperCase()}_URL`, value: url(next) }] : []),
      ],
      startupProbe: { ...probe, periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: { ...probe, periodSeconds: 5 },
      livenessProbe: { ...probe, periodSeconds: 10 },
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
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
