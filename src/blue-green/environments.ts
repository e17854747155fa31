import type { StoredObject } from '../../operator/index.ts';
import {
  type ComponentName,
  type Environment,
  type EnvironmentName,
  fullReplicas,
  type RestAPI,
  type Revision,
  specOf,
} from '../../resources/index.ts';
import { adoptHash, type TemplateHash } from '../../resources/model/adopted-hash.ts';
import { byComponent } from '../../resources/model/by-component.ts';
import { referenceHashes } from '../../resources/model/references.ts';
import { lostCopies } from './lost-configuration.ts';
import type { Endpoints, Observed, ObservedEnvironment } from './observed.ts';

export type Replicas = Partial<Record<ComponentName, number>>;

/**
 * An environment of a revision, with the replicas of the current spec and the current contents of objects whose change
 * restarts pods.
 */
export function environmentOf(
  api: StoredObject<RestAPI>,
  name: EnvironmentName,
  { name: revision, data }: Revision,
  observed: Pick<Observed, 'configMaps' | 'contents' | 'environments'>,
): Environment {
  const { contents, environments } = observed;
  const inPlace = isInPlace(api, name);
  const own = inPlace ? api : { ...api, spec: specOf(data, api.spec) };
  const running = byComponent((component): TemplateHash | undefined => {
    const found = environments[name]?.[component];
    if (!found?.referencesHash || (name !== 'main' && found.revision !== revision)) return undefined;
    return { hash: found.referencesHash, ...(found.adoptedHash && { adopted: found.adoptedHash }) };
  });
  const copied = readsCopies(name);
  const wanted = referenceHashes(own, data.configHashes, contents, {
    copied,
    running: byComponent((component) => running[component]?.hash),
  });
  // New pods could not start without the lost configuration: those that run are not replaced.
  const keeps = copied && lostCopies(own, { name: revision, data }, observed).length > 0;
  const hashes = byComponent((component) => {
    const hash = (keeps ? running[component]?.hash : undefined) ?? wanted[component];
    return hash === undefined ? undefined : adoptHash(hash, running[component]);
  });
  return {
    name,
    api: own,
    ...(!inPlace && { revision }),
    replicas: fullReplicas(own),
    ...(copied && { configHashes: data.configHashes }),
    referenceHashes: byComponent((component) => hashes[component]?.hash),
    adoptedHashes: byComponent((component) => hashes[component]?.adopted),
  };
}

/** Whether an environment follows the spec in place: `main`, while blue-green is off. */
export function isInPlace({ spec }: RestAPI, name: EnvironmentName): boolean {
  return name === 'main' && !spec.blueGreen?.enabled;
}

/**
 * Whether the pods of an environment read copies of ConfigMaps. `main` reads the live ones also while it is frozen, until
 * its revision is released in blue: other names in its pod templates would restart it when blue-green is enabled.
 */
export function readsCopies(name: EnvironmentName): boolean {
  return name !== 'main';
}

/** The environment of the next release: blue and green take turns, and blue follows `main`. */
export function otherColour({ name }: Pick<Environment, 'name'>): EnvironmentName {
  return name === 'blue' ? 'green' : 'blue';
}

/** The replicas an environment's Deployments have now. */
export function keptReplicas(environment: Environment, observed: ObservedEnvironment = {}): Replicas {
  return mapReplicas(environment.replicas, (component) => observed[component]?.replicas ?? 0);
}

/** An environment with all components scaled to 0. */
export function withoutPods<E extends Environment>(environment: E): E {
  return { ...environment, replicas: mapReplicas(environment.replicas, () => 0) };
}

export function mapReplicas(replicas: Replicas, change: (component: ComponentName, count: number) => number): Replicas {
  return Object.fromEntries(
    Object.entries(replicas).map(([name, count]) => [name, change(name as ComponentName, count)]),
  );
}

/**
 * Lists the components of an environment that do not serve yet, each with the cause. A component serves if it runs this
 * revision only, and its available pods and the ready endpoints of its Service reach the wanted count.
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
    if (found.updated < count)
      return [`${name} (${shortOf(found.updated, count, found.trouble)}; pods of an older revision still exist)`];
    if (!found.settled) return [`${name} (pods of an older revision still exist)`];
    const behind = endpoints[component] ?? 0;
    return behind < count ? [`${name} (${behind} of ${count} pods behind the Service)`] : [];
  });
}

/** How many pods are available, and why not all, if that is known. */
export function shortOf(available: number, count: number, trouble: string | undefined): string {
  return `${available} of ${count} pods available${trouble ? `; ${trouble}` : ''}`;
}
