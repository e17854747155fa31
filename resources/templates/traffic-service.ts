import type { ComponentName } from '../api/component-name.ts';
import type { Environment } from '../model/environment.ts';
import { commonLabels } from '../model/labels.ts';
import { type Service, servicePort } from './service.ts';

/** Label of Services whose EndpointSlices are watched: `front`, `preview`, `stable` or `environment`. */
export const TRAFFIC = 'restapi.dev/traffic';

/** Returns a Service for the selected pods with a port per component, named after the component. */
export function trafficService(
  role: 'front' | 'preview',
  name: string,
  { api }: Environment,
  selector: Record<string, string>,
  components: readonly ComponentName[],
): Service {
  return {
    metadata: { name, labels: { ...commonLabels(api), [TRAFFIC]: role } },
    spec: {
      type: 'ClusterIP',
      selector,
      ports: components.map((component) => servicePort(api, component, component)),
    },
  };
}
