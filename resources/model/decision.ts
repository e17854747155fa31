import type { ComponentName } from '../api/component-name.ts';
import type { EnvironmentName } from '../api/environment-name.ts';
import type { RestAPI } from '../api/rest-api.ts';
import type { StorageSpec } from '../api/storage-spec.ts';
import type { CheckAttempt } from './check-attempt.ts';
import { type Environment, fullReplicas } from './environment.ts';
import type { Revision } from './revision.ts';

/** What the controller decided from what it observed, for the dependents to act upon. */
export interface Decision {
  /** Everything that should be there; the active one is always among them. */
  environments: Environment[];
  /** Which environment the front Service sends requests to, and what is written down of that in the same write. */
  front: Front;
  /** Which environment the preview Service shows; undefined: there is no such Service. */
  preview?: EnvironmentName;
  /** A volume that an environment still uses though the spec no longer asks for one. */
  retainedVolume?: StorageSpec;
  /** The revisions to keep. */
  revisions: (Revision & { number: number })[];
  /** Attempts of checks that there are Jobs for. */
  jobs?: CheckAttempt[];
  /** Fewest pods of components whose load is forecast. */
  minReplicas?: Partial<Record<ComponentName, number>>;
  /** What was learned of the load, as text, to be kept; undefined: nothing. */
  learned?: Record<string, string>;
  /** Where the operator runs, so that its requests can be let in. */
  operatorNamespace?: string;
}

/** What the front Service says: the truth about which environment is active. */
export interface Front {
  environment: EnvironmentName;
  /** Revision of that environment; undefined for `main`. */
  revision?: string;
  /** Revision that was active before the last switch; undefined: there was no switch, or it was from `main`. */
  previousRevision?: string;
  /** When the last switch was, RFC 3339. */
  switchedAt?: string;
}

/** The decision for a RestAPI that is updated in place and never was otherwise. */
export function plainDecision(api: RestAPI, referenceHashes: Partial<Record<ComponentName, string>> = {}): Decision {
  const main: Environment = { name: 'main', api, replicas: fullReplicas(api), referenceHashes };
  return { environments: [main], front: { environment: 'main' }, revisions: [] };
}

/** The environment that requests are sent to. @throws if the decision leaves it out, which would delete it */
export function activeEnvironment({ environments, front }: Decision): Environment {
  const active = environments.find(({ name }) => name === front.environment);
  if (!active) throw new Error(`the environment ${front.environment} is active but was not decided upon`);
  return active;
}
