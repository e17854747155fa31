import type { StoredObject } from '../../operator/index.ts';
import {
  type ComponentName,
  type Environment,
  type EnvironmentName,
  fullReplicas,
  type RestAPI,
  type RevisionData,
  specOf,
} from '../../resources/index.ts';
import type { Endpoints, ObservedEnvironment } from './observed.ts';

export type Replicas = Partial<Record<ComponentName, number>>;

/** An environment of a revision, with all the pods that the spec of today asks for. */
export function environmentOf(
  api: StoredObject<RestAPI>,
  name: EnvironmentName,
  revision: string | undefined,
  { referenceHashes, ...data }: RevisionData,
): Environment {
  const own = { ...api, spec: specOf({ ...data, referenceHashes }, api.spec) };
  return { name, api: own, revision, replicas: fullReplicas(own), referenceHashes };
}

/** The numbers of pods that the components of an environment are observed to be told to have. */
export function keptReplicas(environment: Environment, observed: ObservedEnvironment = {}): Replicas {
  return mapReplicas(environment.replicas, (component) => observed[component]?.replicas ?? 0);
}

export function mapReplicas(replicas: Replicas, change: (component: ComponentName, count: number) => number): Replicas {
  return Object.fromEntries(
    Object.entries(replicas).map(([name, count]) => [name, change(name as ComponentName, count)]),
  );
}

/**
 * What of an environment does not serve yet, component by component, in words; empty: each component runs this
 * revision with so many available pods, and the Service has them behind it.
 */
export function missing(
  { revision }: Pick<Environment, 'revision'>,
  wanted: Replicas,
  observed: ObservedEnvironment = {},
  endpoints: Endpoints[EnvironmentName] = {},
): string[] {
  return Object.entries(wanted).flatMap(([name, count]) => {
    const component = name as ComponentName;
    const found = observed[component];
    if (!found || found.revision !== revision || found.replicas < count) return [`${name} (not started)`];
    if (found.available < count) return [`${name} (${shortOf(found.available, count, found.trouble)})`];
    if (!found.settled) return [`${name} (pods of an older revision still exist)`];
    const behind = endpoints[component] ?? 0;
    return behind < count ? [`${name} (${behind} of ${count} pods behind the Service)`] : [];
  });
}

/** How many pods are missing, and what is wrong with them if that is known. */
export function shortOf(available: number, count: number, trouble: string | undefined): string {
  return `${available} of ${count} pods available${trouble ? `; ${trouble}` : ''}`;
}
