import { enabledComponents } from './enabled-components.ts';
import type { Environment } from './environment.ts';
import { environmentObjectName } from './labels.ts';
import type { ComponentName } from './rest-api.ts';

/**
 * The environment variables of one component: who it is, where it listens, where the enabled components of its own
 * environment are found, and what spec.<component>.env says.
 */
export function componentEnvironment(
  { api, name: environment }: Environment,
  component: ComponentName,
): { name: string; value?: string }[] {
  const addresses = enabledComponents(api).map((other) => ({
    name: `${other.toUpperCase()}_URL`,
    value: `http://${environmentObjectName(api, other, environment)}:${api.spec[other].port}`,
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
