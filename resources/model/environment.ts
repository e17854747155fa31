import type { ComponentName } from '../api/component-name.ts';
import type { EnvironmentName } from '../api/environment-name.ts';
import type { Amounts } from '../api/resource-amounts.ts';
import type { RestAPI } from '../api/rest-api.ts';
import { enabledComponents } from './enabled-components.ts';
import { initialReplicas } from './scaling.ts';

/** One environment as it should be. */
export interface Environment {
  name: EnvironmentName;
  /** The RestAPI with the spec that the environment's pods are made from. */
  api: RestAPI;
  /** Name of the revision that spec is of; undefined in `main`, whose spec is always that of the RestAPI. */
  revision?: string;
  /** Number of pods by component. */
  replicas: Partial<Record<ComponentName, number>>;
  /** What the spec asks for of those components whose number of pods belongs to an autoscaler, or was left by one. */
  asked?: Partial<Record<ComponentName, number>>;
  /** What pods request in place of what the spec says, of components of which that follows what they use. */
  requests?: Partial<Record<ComponentName, Amounts>>;
  /**
   * A hash of what the ConfigMaps and Secrets hold that a component names; its pods are replaced when it changes.
   * A component that names none has none.
   */
  referenceHashes: Partial<Record<ComponentName, string>>;
}

/** Every enabled component with as many pods as it is to have at its start. */
export function fullReplicas(api: RestAPI): Partial<Record<ComponentName, number>> {
  return Object.fromEntries(enabledComponents(api).map((component) => [component, initialReplicas(api, component)]));
}
