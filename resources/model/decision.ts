import type { ComponentName } from '../api/component-name.ts';
import type { EnvironmentName } from '../api/environment-name.ts';
import type { RestAPI } from '../api/rest-api.ts';
import type { StorageSpec } from '../api/storage-spec.ts';
import type { CheckAttempt } from './check-attempt.ts';
import type { ConfigMapContent, ConfigMapCopy } from './config-map-copy.ts';
import { type Environment, fullReplicas } from './environment.ts';
import type { HookRun } from './hook-run.ts';
import type { StoredRevision } from './revision-backup.ts';

/** Result of the decisions of one reconcile, from which the dependents build their objects. */
export interface Decision {
  /** All desired environments, always including the active one. */
  environments: Environment[];
  /** Environment that the front Service routes to, and the annotations written together with it. */
  front: Front;
  /** Environment that the preview Service selects; undefined: no preview Service. */
  preview?: EnvironmentName;
  /** Storage that an environment still uses although the spec no longer declares it. */
  retainedVolume?: StorageSpec;
  /** The revisions to keep. */
  revisions: StoredRevision[];
  /** Those of them that are active and were before, for a copy on the front Service. */
  backup?: StoredRevision[];
  /** The copies of ConfigMaps that they need, as far as their contents are known. */
  configMaps?: (ConfigMapCopy & { content: ConfigMapContent })[];
  /** Check attempts that run as Jobs. */
  jobs?: CheckAttempt[];
  /** Hooks that run, or whose Jobs are kept. */
  hooks?: HookRun[];
  /** Minimum replicas from the forecast, for components with predictive scaling. */
  minReplicas?: Partial<Record<ComponentName, number>>;
  /** Serialized load history to store; undefined: none. */
  learned?: Record<string, string>;
  /** Namespace of the operator, for network policies that allow its checks. */
  operatorNamespace?: string;
  /** Namespaces of Prometheus, for network policies that let it scrape; undefined: the default. */
  prometheusNamespaces?: readonly string[];
}

/** Selector and annotations of the front Service: the source of truth for the active environment. */
export interface Front {
  environment: EnvironmentName;
  /** Revision of that environment; undefined for `main` without blue-green. */
  revision?: string;
  /** Revision that was active before the last switch; undefined before the first switch. */
  previousRevision?: string;
  /** Time of the last switch, RFC 3339. */
  switchedAt?: string;
  /** Component that the front leads to while the entry component is not ready; undefined: the entry component. */
  entry?: ComponentName;
}

/** Returns the decision for a RestAPI that has only ever used rolling updates. */
export function plainDecision(api: RestAPI, referenceHashes: Partial<Record<ComponentName, string>> = {}): Decision {
  const main: Environment = { name: 'main', api, replicas: fullReplicas(api), referenceHashes };
  return { environments: [main], front: { environment: 'main' }, revisions: [] };
}

/** Returns the environment that receives traffic. @throws if it is missing: applying the decision would delete it */
export function activeEnvironment({ environments, front }: Decision): Environment {
  const active = environments.find(({ name }) => name === front.environment);
  if (!active) throw new Error(`environment ${front.environment} is active but missing from the decision`);
  return active;
}
