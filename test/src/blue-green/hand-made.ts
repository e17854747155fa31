import { COMPONENTS, type ComponentName } from '../../../resources/api/component-name.ts';
import { COMPONENT_LABEL, ENVIRONMENT_LABEL, NAME_LABEL } from './labels.ts';

const PORTS: Record<ComponentName, number> = { model: 8080, view: 3000, controller: 8081, repository: 8082 };

export interface EnvironmentOptions {
  replicas?: number;
  image?: string;
  /** How long a pod goes on after its deletion. Default 60. */
  drainSeconds?: number;
  /** The components whose pods never become ready. */
  stuck?: readonly ComponentName[];
}

/**
 * The front Service of an application that only the test manages, sending to one environment. A Service with a single
 * port selects that component's pods alone, see checkEndpointsInSwitch().
 */
export function frontService(name: string, environment: string, ports: readonly ComponentName[] = ['view']): object {
  return serviceOf(name, environment, name, ports);
}

/** The Service by which an environment can be reached before it is active. */
export function previewService(name: string, environment: string): object {
  return serviceOf(`${name}-preview`, environment, name, COMPONENTS);
}

/** All of an environment: a Deployment and a Service of its own for each component, which know only each other. */
export function environmentObjects(name: string, environment: string, options: EnvironmentOptions = {}): object[] {
  return COMPONENTS.flatMap((component) => [
    deployment(name, environment, component, options),
    localService(name, environment, component),
  ]);
}

export function objectName(name: string, environment: string, component: ComponentName): string {
  return environment === 'main' ? `${name}-${component}` : `${name}-${component}-${environment}`;
}

function serviceOf(service: string, environment: string, name: string, ports: readonly ComponentName[]): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service, namespace: 'default' },
    spec: {
      selector: {
        [NAME_LABEL]: name,
        [ENVIRONMENT_LABEL]: environment,
        ...(ports.length === 1 && { [COMPONENT_LABEL]: ports[0] }),
      },
      ports: ports.map((component) => ({ name: component, port: PORTS[component], targetPort: component })),
    },
  };
}

function localService(name: string, environment: string, component: ComponentName): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: objectName(name, environment, component), namespace: 'default' },
    spec: {
      selector: { [NAME_LABEL]: name, [ENVIRONMENT_LABEL]: environment, [COMPONENT_LABEL]: component },
      ports: [{ name: 'http', port: PORTS[component], targetPort: component }],
    },
  };
}

function deployment(name: string, environment: string, component: ComponentName, options: EnvironmentOptions): object {
  const { replicas = 1, image = 'registry.example.com/shop:1.0.0', drainSeconds = 60, stuck = [] } = options;
  const labels = { [NAME_LABEL]: name, [ENVIRONMENT_LABEL]: environment, [COMPONENT_LABEL]: component };
  const annotations = stuck.includes(component) ? { 'pod-ready.stage.kwok.x-k8s.io/delay': '24h' } : {};
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: objectName(name, environment, component), namespace: 'default', labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: {
          terminationGracePeriodSeconds: drainSeconds + 10,
          containers: [
            {
              name: component,
              image,
              ports: [{ name: component, containerPort: PORTS[component] }],
              env: [
                { name: 'COMPONENT', value: component },
                ...COMPONENTS.map((other) => ({
                  name: `${other.toUpperCase()}_URL`,
                  value: `http://${objectName(name, environment, other)}:${PORTS[other]}`,
                })),
              ],
              lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
            },
          ],
        },
      },
    },
  };
}
