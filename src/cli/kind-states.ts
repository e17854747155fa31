import {
  type BoundDependent,
  bindDependents,
  generatedFor,
  isNotFound,
  type ResourceType,
  regularType,
  type StoredObject,
} from '../../operator/index.ts';
import {
  COMPONENTS,
  type ConfigMap,
  type Decision,
  type Deployment,
  type HorizontalPodAutoscaler,
  type NetworkPolicy,
  plainDecision,
  predictiveScalingOf,
  RestAPI,
  scalingRecordName,
  scrapingNamespaces,
  verticalScalingOf,
} from '../../resources/index.ts';
import { byComponent } from '../../resources/model/by-component.ts';
import { componentObjectName } from '../../resources/model/object-names.ts';
import { REFERENCES_HASH, sourcesOfVariables } from '../../resources/model/references.ts';
import { OPERATOR_NAME } from '../create-operator.ts';
import { appliedTo } from '../scaling/vertical-plan.ts';
import { effectiveReplicas, heldOf } from '../workload/effective-replicas.ts';
import { DEPLOYMENT, generatedSelector } from '../workload/kinds.ts';
import type { KindState } from './changes.ts';
import type { Cluster } from './cluster.ts';
import { listAll } from './observe.ts';

const AUTOSCALER = regularType({ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' });
const CONFIG_MAP = regularType({ apiVersion: 'v1', kind: 'ConfigMap' });
const NETWORK_POLICY = regularType({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' });

/**
 * Collects the desired and the observed objects of a RestAPI, kind by kind.
 * @param wanted the RestAPI as it would be stored
 * @param current the stored RestAPI, if it exists
 * @throws ApiError, TransportError; Error for the user if it has blue-green releases
 */
export async function kindStates(
  cluster: Cluster,
  wanted: StoredObject<RestAPI>,
  current: StoredObject<RestAPI> | undefined,
  signal: AbortSignal,
): Promise<KindState[]> {
  const { name, namespace } = wanted.metadata;
  if (wanted.spec.blueGreen?.enabled || current?.status?.activeEnvironment) {
    // What comes next depends on the state of its releases, which only the operator decides.
    throw new Error(
      `RestAPI ${namespace}/${name} has blue-green releases and cannot be compared. Apply it, and check kubectl restapi status ${name} before you promote the release`,
    );
  }
  const options = { namespace: cluster.namespace, labelSelector: generatedSelector(name), signal };
  const [deployments, autoscalers, configMaps, policies] = await Promise.all([
    listAll<Deployment>(cluster.client, DEPLOYMENT, options),
    listAll<HorizontalPodAutoscaler>(cluster.client, AUTOSCALER, options),
    listAll<ConfigMap>(cluster.client, CONFIG_MAP, options),
    listAll<NetworkPolicy>(cluster.client, NETWORK_POLICY, options),
  ]);
  const namespaces = scrapingNamespaces(policies);
  // The setting of the operator shows only in rules for a RestAPI with metrics.
  const isKnown = namespaces.length > 0 || current?.spec.observability?.metrics?.enabled;
  const setting = isKnown ? { prometheusNamespaces: namespaces } : {};
  const describe = (api: StoredObject<RestAPI>) =>
    generatedFor(
      RestAPI,
      api,
      { ...decisionFor(api, { deployments, autoscalers, configMaps }), ...setting },
      OPERATOR_NAME,
    );
  const desired = describe(wanted);
  const before = current ? describe(current) : [];
  return Promise.all(
    uniqueKinds().map(async ({ kind, type }): Promise<KindState> => {
      const ofKind = (objects: typeof desired) =>
        objects.filter(({ object }) => object.kind === kind).map(({ object }) => object);
      const names = ofKind(desired).map(({ metadata }) => metadata.name);
      const observed = await readKind(cluster, type, names, options);
      return { kind, desired: ofKind(desired), before: ofKind(before), observed };
    }),
  );
}

/** The generated objects that a decision is made from. */
interface Found {
  deployments: readonly StoredObject<Deployment>[];
  autoscalers: readonly StoredObject<HorizontalPodAutoscaler>[];
  configMaps: readonly StoredObject<ConfigMap>[];
}

/**
 * The decision of the operator, without what only it knows: pods keep the hashes of ConfigMaps and Secrets, whose content
 * is not read, and autoscaled values stay unchanged.
 */
function decisionFor(api: StoredObject<RestAPI>, { deployments, autoscalers, configMaps }: Found): Decision {
  const found = byComponent((component) =>
    deployments.find(({ metadata }) => metadata.name === componentObjectName(api, component)),
  );
  const sources = sourcesOfVariables(api);
  const plain = plainDecision(
    api,
    byComponent((component) =>
      sources.some((source) => source.component === component)
        ? (found[component]?.spec.template.metadata.annotations[REFERENCES_HASH] ?? 'unknown')
        : undefined,
    ),
  );
  const held = effectiveReplicas(
    api,
    byComponent((component) => found[component] && heldOf(found[component])),
  );
  const requests = byComponent((component) =>
    verticalScalingOf(api, component)?.mode === 'Rolling' ? appliedTo(found[component]) : undefined,
  );
  const minReplicas = byComponent((component) =>
    predictiveScalingOf(api, component)
      ? autoscalers.find(({ metadata }) => metadata.name === componentObjectName(api, component))?.spec.minReplicas
      : undefined,
  );
  const follows = COMPONENTS.some(
    (component) => verticalScalingOf(api, component) || predictiveScalingOf(api, component),
  );
  const record = configMaps.find(({ metadata }) => metadata.name === scalingRecordName(api));
  return {
    ...plain,
    environments: plain.environments.map((environment) => ({ ...environment, ...held, requests })),
    minReplicas,
    ...(follows && record && { learned: record.data }),
  };
}

function uniqueKinds(): BoundDependent[] {
  return [...new Map(bindDependents(RestAPI).map((each) => [each.kind, each])).values()];
}

async function readKind(
  { client, namespace }: Cluster,
  type: ResourceType,
  names: readonly string[],
  options: { namespace: string; labelSelector: string; signal: AbortSignal },
): Promise<KindState['observed']> {
  try {
    const labelled = await listAll(client, type, options);
    const found = new Set(labelled.map(({ metadata }) => metadata.name));
    // An object that is not owned by the RestAPI lacks the label.
    const others = names.filter((name) => !found.has(name)).map((name) => findObject(name));
    return [...labelled, ...(await Promise.all(others)).flat()];
  } catch (error) {
    if (isNotFound(error)) return 'not served';
    throw error;
  }

  async function findObject(name: string): Promise<StoredObject[]> {
    try {
      return [(await client.get(type, namespace, name, { signal: options.signal })) as StoredObject];
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }
}
