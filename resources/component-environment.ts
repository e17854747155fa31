import { enabledComponents } from './enabled-components.ts';
import { componentObjectName } from './labels.ts';
import type { ComponentName, RestAPI } from './rest-api.ts';

/**
 * The environment variables of one component: who it is, where it listens, where the enabled components are found,
 * and what spec.<component>.env says.
 */
export function componentEnvironment(api: RestAPI, component: ComponentName): { name: string; value?: string }[] {
  const addresses = enabledComponents(api).map((other) => ({
    name: `${other.toUpperCase()}_URL`,
    value: `http://${componentObjectName(api, other)}:${api.spec[other].port}`,
  }));
  return [
    { name: 'COMPONENT', value: component },
    { name: 'PORT', value: String(api.spec[component].port) },
    ...addresses,
    ...(api.spec[component].env ?? []).map(({ name, value, valueFrom }) =>
      valueFrom ? { name, valueFrom } : { name, value },
    ),
  ];
}
