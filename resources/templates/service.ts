import type { KubernetesObject } from '../../operator/index.ts';
import type { ComponentName } from '../api/component-name.ts';
import type { RestAPI } from '../api/rest-api.ts';

/** What of a Service is written and read here. */
export interface Service extends KubernetesObject {
  spec: { type: string; selector: Record<string, string>; ports: object[] };
}

/** A Service's port that leads to a component: to the container's port by its name, which no other component has. */
export function servicePort({ spec }: RestAPI, component: ComponentName, name = 'http'): object {
  // By its name: the number may differ from pod to pod while a change of it rolls out.
  return { name, port: spec[component].port, targetPort: component, protocol: 'TCP' };
}
