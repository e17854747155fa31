import { COMPONENTS, type ComponentName } from '../api/component-name.ts';
import type { EnvironmentName } from '../api/environment-name.ts';
import type { Amounts } from '../api/resource-amounts.ts';
import type { RestAPI } from '../api/rest-api.ts';
import { enabledComponents } from './enabled-components.ts';
import type { ConfigHashes } from './references.ts';
import { initialReplicas } from './scaling.ts';

/** Desired state of one environment. */
export interface Environment {
  name: EnvironmentName;
  /** The RestAPI with the spec of the environment's revision. */
  api: RestAPI;
  /** Name of the revision; undefined in `main` without blue-green, which has the spec of the RestAPI. */
  revision?: string;
  /** Number of pods by component. */
  replicas: Partial<Record<ComponentName, number>>;
  /** Replicas in the spec, for components whose number of pods is or was set by an autoscaler. */
  asked?: Partial<Record<ComponentName, number>>;
  /** Whether it needs no Services: it was aborted, has no pods and never had traffic. */
  withoutServices?: boolean;
  /** Requests that override the spec, for components with vertical scaling. */
  requests?: Partial<Record<ComponentName, Amounts>>;
  /** Components that are no longer enabled and keep their pods while the front Service leads to them. */
  retained?: readonly ComponentName[];
  /** Contents of the ConfigMaps that its pods read, from copies; undefined: they read the live ConfigMaps. */
  configHashes?: ConfigHashes;
  /** Hash of the referenced ConfigMaps and Secrets of each component that has any; a change replaces its pods. */
  referenceHashes: Partial<Record<ComponentName, string>>;
  /** Hashes that those in `referenceHashes` stand for, where these come from a lost key. */
  adoptedHashes?: Partial<Record<ComponentName, string>>;
}

/** Returns the initial number of pods of every enabled component. */
export function fullReplicas(api: RestAPI): Partial<Record<ComponentName, number>> {
  return Object.fromEntries(enabledComponents(api).map((component) => [component, initialReplicas(api, component)]));
}

/** Returns the components that have pods in an environment: the enabled ones and those that are retained. */
export function deployedComponents({ api, retained = [] }: Environment): ComponentName[] {
  return COMPONENTS.filter((component) => api.spec[component].enabled || retained.includes(component));
}
