import type { StoredObject } from '../../operator/index.ts';
import {
  COMPONENTS,
  type ComponentName,
  type ControllerRevision,
  type Deployment,
  ENVIRONMENTS,
  type EnvironmentName,
  FRONT_ANNOTATIONS,
  type Front,
  frontName,
  isEnvironment,
  type Job,
  parseRevisions,
  previewName,
  REVISION,
  REVISION_BACKUP,
  type RestAPI,
  revisionHeldBy,
  type Service,
} from '../../resources/index.ts';
import { ADOPTED_HASH } from '../../resources/model/adopted-hash.ts';
import { COMPONENT_LABEL, ENVIRONMENT_LABEL } from '../../resources/model/labels.ts';
import { componentObjectName, environmentObjectName } from '../../resources/model/object-names.ts';
import { type Contents, REFERENCES_HASH } from '../../resources/model/references.ts';
import { heldOf } from '../workload/effective-replicas.ts';
import type { Pod } from '../workload/pod.ts';
import { troubleOf } from '../workload/trouble.ts';
import { type EndpointSlice, isEndpointOf, podsBehind } from './endpoints.ts';
import { mapReplicas } from './environments.ts';
import { hookJobs } from './hook-jobs.ts';
import { jobResults } from './job-results.ts';
import { knownRevisions } from './lost-revision.ts';
import type { AttemptResults, Endpoints, Observed, ObservedComponent, ObservedEnvironment } from './observed.ts';
import { isFailing, isRunning } from './pod-state.ts';

/** The objects of one RestAPI, as the caches hold them. */
export interface Caches {
  fronts: readonly StoredObject<Service>[];
  /** The stable Services of the components. */
  services: readonly StoredObject<Service>[];
  deployments: readonly StoredObject<Deployment>[];
  revisions: readonly StoredObject<ControllerRevision>[];
  slices: readonly StoredObject<EndpointSlice>[];
  /** Of checks. */
  jobs: readonly StoredObject<Job>[];
  /** Of hooks. */
  hookJobs: readonly StoredObject<Job>[];
  /** Pods that may be those of Jobs. */
  jobPods: readonly StoredObject<Pod>[];
  /** Of attempts the operator made itself. */
  attemptResults: AttemptResults;
  /** Of all components and environments. */
  pods: readonly StoredObject<Pod>[];
  /** Of the referenced ConfigMaps and Secrets. */
  contents: Contents;
  /** Of the copies of ConfigMaps that exist or can be made now. */
  configMaps: Observed['configMaps'];
}

/** Derives the state of the releases from the cached objects. */
export function observe(api: StoredObject<RestAPI>, caches: Caches): Observed {
  const environments: Observed['environments'] = {};
  for (const name of ENVIRONMENTS) {
    const found = environmentOf(api, name, caches);
    if (found) environments[name] = found;
  }
  const observed: Observed = {
    attemptResults: { ...caches.attemptResults, ...jobResults(caches.jobs) },
    hookJobs: hookJobs(caches.hookJobs, caches.jobPods),
    contents: caches.contents,
    configMaps: caches.configMaps,
    front: frontOf(caches.fronts[0], environments) ?? lostFront(api, caches.services, environments),
    environments,
    revisions: caches.revisions.flatMap(({ metadata, data, revision: number }) => {
      const name = revisionHeldBy(metadata.name, api.metadata.name);
      return name === undefined || metadata.deletionTimestamp ? [] : [{ name, data, number }];
    }),
    backup: parseRevisions(caches.fronts[0]?.metadata.annotations?.[REVISION_BACKUP]),
    endpoints: {
      active: activeEndpoints(api, caches),
      preview: previewEndpoints(api, caches),
    },
  };
  return { ...observed, revisions: knownRevisions(observed) };
}

/** The annotations take precedence over the selector: the operator writes both at once, so a selector that differs was changed by others. */
function frontOf(
  service: StoredObject<Service> | undefined,
  environments: Observed['environments'],
): Front | undefined {
  if (!service) return undefined;
  const annotations = service.metadata.annotations ?? {};
  const environment = [annotations[FRONT_ANNOTATIONS.environment], service.spec.selector?.[ENVIRONMENT_LABEL]].find(
    isEnvironment,
  );
  if (!environment) return undefined;
  const { revision, previousRevision, switchedAt } = FRONT_ANNOTATIONS;
  return {
    environment,
    revision: annotations[revision] ?? revisionOf(environments[environment]),
    previousRevision: annotations[previousRevision],
    switchedAt: Number.isNaN(Date.parse(annotations[switchedAt] ?? '')) ? undefined : annotations[switchedAt],
  };
}

/** The front Service was deleted: its state is inferred from the Services, the status and the environments that followed it. */
function lostFront(
  { status }: StoredObject<RestAPI>,
  services: readonly StoredObject<Service>[],
  environments: Observed['environments'],
): Front | undefined {
  const places = [
    ...services.map(({ spec }) => spec.selector?.[ENVIRONMENT_LABEL]),
    status?.activeEnvironment,
    ...ENVIRONMENTS.filter((name) => environments[name]),
  ];
  const environment = places.find(isEnvironment);
  if (!environment) return undefined;
  const reported = status?.environments?.find(({ name }) => name === environment);
  const other = ENVIRONMENTS.find((name) => name !== 'main' && name !== environment && environments[name]);
  return {
    environment,
    revision: reported?.revision ?? revisionOf(environments[environment]),
    previousRevision: other && revisionOf(environments[other]),
    switchedAt: environment === 'main' ? undefined : status?.lastDeploymentTime,
  };
}

function revisionOf(environment: ObservedEnvironment = {}): string | undefined {
  return Object.values(environment)[0]?.revision;
}

function environmentOf(
  api: RestAPI,
  environment: EnvironmentName,
  { deployments, pods }: Caches,
): ObservedEnvironment | undefined {
  const components = COMPONENTS.flatMap((component): [ComponentName, ObservedComponent][] => {
    const name = environmentObjectName(api, component, environment);
    const deployment = deployments.find(({ metadata }) => metadata.name === name && !metadata.deletionTimestamp);
    return deployment ? [[component, componentOf(component, deployment, pods)]] : [];
  });
  return components.length > 0 ? Object.fromEntries(components) : undefined;
}

function componentOf(
  component: ComponentName,
  deployment: StoredObject<Deployment>,
  pods: readonly StoredObject<Pod>[],
): ObservedComponent {
  const { metadata, spec, status = {} } = deployment;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0 } = status;
  const available = status.availableReplicas ?? 0;
  const observed = observedGeneration >= (metadata.generation ?? 0);
  // The status does not say which pods are available. With maxUnavailable 0 those of an earlier revision are.
  const updated = observed ? Math.max(0, available - Math.max(0, replicas - updatedReplicas)) : 0;
  const own = pods.filter((pod) =>
    [COMPONENT_LABEL, ENVIRONMENT_LABEL].every((label) => pod.metadata.labels?.[label] === metadata.labels?.[label]),
  );
  const referencesHash = spec.template?.metadata.annotations?.[REFERENCES_HASH];
  const adoptedHash = metadata.annotations?.[ADOPTED_HASH];
  const trouble = updated < spec.replicas ? troubleOf(component, deployment, own) : undefined;
  return {
    revision: metadata.annotations?.[REVISION],
    ...(referencesHash && { referencesHash }),
    ...(adoptedHash && { adoptedHash }),
    ...heldOf({ metadata, spec }),
    available,
    updated,
    ready: status.readyReplicas ?? 0,
    // The status does not count terminating pods, the cache of pods does; but either may not have the newest yet.
    pods: Math.max(observed ? replicas : 1, own.filter((pod) => isRunning(pod, metadata.name)).length),
    failing: own.filter(isFailing).length,
    settled: observed && updatedReplicas >= spec.replicas && replicas <= updatedReplicas,
    ...(trouble && { trouble: trouble.message }),
  };
}

/** Behind each component's stable Service; the entry component must be behind the front Service as well. */
function activeEndpoints(api: RestAPI, caches: Caches): Endpoints {
  const [front] = caches.fronts;
  const entry = COMPONENTS.find((component) => component === front?.spec.selector?.[COMPONENT_LABEL]);
  if (!entry) return {};
  const stable = endpointsOf(api, caches, (component) => [componentObjectName(api, component), 'http']);
  const through = endpointsOf(api, caches, () => [frontName(api), entry], [entry]);
  return Object.fromEntries(
    Object.entries(stable).map(([name, counts]) => {
      const least = Math.min(counts[entry] ?? 0, through[name as EnvironmentName]?.[entry] ?? 0);
      return [name, { ...counts, [entry]: least }];
    }),
  );
}

/** Behind the preview Service, and behind the Services by which the components of an environment call each other. */
function previewEndpoints(api: RestAPI, caches: Caches): Endpoints {
  const preview = endpointsOf(api, caches, (component) => [previewName(api), component]);
  return Object.fromEntries(
    Object.entries(preview).map(([name, counts]) => {
      const environment = name as EnvironmentName;
      // The components of `main` call each other by the stable Services, which do not select it yet.
      if (environment === 'main') return [name, counts];
      const among = endpointsOf(api, caches, (component) => [
        environmentObjectName(api, component, environment),
        'http',
      ])[environment];
      return [name, mapReplicas(counts, (component, count) => Math.min(count, among?.[component] ?? 0))];
    }),
  );
}

/**
 * Counts pods by the Deployment that they were created for: for a moment after its selector changed, the slices of a Service
 * still hold pods of the previous environment. A pod that the cache does not have yet does not count yet.
 *
 * @param wayTo the Service and the port that lead to a component
 */
function endpointsOf(
  api: RestAPI,
  { slices, pods }: Caches,
  wayTo: (component: ComponentName) => [service: string, port: string],
  components: readonly ComponentName[] = COMPONENTS,
): Endpoints {
  const counts: Endpoints = {};
  for (const component of components) {
    for (const endpoint of podsBehind(...wayTo(component), slices, pods)) {
      const environment = ENVIRONMENTS.find((name) =>
        isEndpointOf(endpoint, environmentObjectName(api, component, name)),
      );
      if (!environment) continue;
      const before = counts[environment];
      counts[environment] = { ...before, [component]: (before?.[component] ?? 0) + 1 };
    }
  }
  return counts;
}
