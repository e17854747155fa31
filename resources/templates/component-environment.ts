import type { ComponentName } from '../api/rest-api.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import type { Environment } from '../model/environment.ts';
import { environmentObjectName } from '../model/object-names.ts';
import { forPods } from './reference-for-pods.ts';
import { telemetryVariables, type Variable } from './telemetry-variables.ts';

/**
 * Returns the environment variables of one component: its name and port, the addresses of the enabled components in the
 * same environment, the variables of the OpenTelemetry SDK, and spec.<component>.env.
 */
export function componentEnvironment(environment: Environment, component: ComponentName): Variable[] {
  const { api } = environment;
  return [
    { name: 'COMPONENT', value: component },
    { name: 'PORT', value: String(api.spec[component].port) },
    ...addressVariables(environment),
    ...telemetryVariables(environment, component),
    ...(api.spec[component].env ?? []).map(({ name, value, valueFrom }) =>
      valueFrom ? { name, valueFrom: forPods(environment, valueFrom) } : { name, value },
    ),
  ];
}

/** Returns variables with the addresses of the enabled components of an environment. */
export function addressVariables({ api, name }: Environment): { name: string; value: string }[] {
  return enabledComponents(api).map((component) => ({
    name: `${component.toUpperCase()}_URL`,
    value: `http://${environmentObjectName(api, component, name)}:${api.spec[component].port}`,
  }));
}
