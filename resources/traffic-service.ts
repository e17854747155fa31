import type { Service } from './component-service.ts';
import { enabledComponents } from './enabled-components.ts';
import type { Environment } from './environment.ts';
import { commonLabels, environmentSelector } from './labels.ts';

/** Label of the Services whose endpoints are watched: `front` or `preview`. */
export const TRAFFIC = 'restapi.dev/traffic';

/** A Service with the ports of all components, one for each; those of one environment answer. */
export function trafficService(
  role: 'front' | 'preview',
  name: string,
  environment: Environment,
  annotations: Record<string, string>,
): Service {
  const { api } = environment;
  return {
    metadata: { name, labels: { ...commonLabels(api), [TRAFFIC]: role }, annotations },
    spec: {
      type: 'ClusterIP',
      selector: environmentSelector(api, environment.name),
      // A pod has the named port of its own component alone, so it answers on that port alone.
      ports: enabledComponents(api).map((component) => ({
        name: component,
        port: api.spec[component].port,
        targetPort: component,
        protocol: 'TCP',
      })),
    },
  };
}
