import type { KubernetesObject } from '../../operator/index.ts';
import type { ComponentName } from '../api/component-name.ts';
import type { RestAPI } from '../api/rest-api.ts';

/** The fields of a Service that the operator uses. */
export interface Service extends KubernetesObject {
  spec: { type: string; selector: Record<string, string>; ports: object[] };
}

/** Returns a Service port that targets the container port of a component by name. */
export function servicePort({ spec }: RestAPI, component: ComponentName, name = 'http'): object {
  // By name, because the number differs between pods while a change rolls out.
  return { name, port: spec[component].port, targetPort: component, protocol: 'TCP' };
}
