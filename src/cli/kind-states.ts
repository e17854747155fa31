import {
  type DescribingDependent,
  describingDependents,
  generatedFor,
  isNotFound,
  type ResourceType,
  type StoredObject,
} from '../../operator/index.ts';
import { type Decision, type Deployment, plainDecision, RestAPI } from '../../resources/index.ts';
import { sourcesOfVariables } from '../../resources/references.ts';
import { OPERATOR_NAME } from '../create-operator.ts';
import { referenceHashes } from '../reference-hashes.ts';
import { DEPLOYMENT, generatedSelector } from '../start/parts.ts';
import type { KindState } from './changes.ts';
import type { Cluster } from './cluster.ts';
import { all } from './observe.ts';

/**
 * All that is generated for a RestAPI, kind by kind: as the operator would describe it, and as it is.
 * @param wanted the RestAPI as it would be stored
 * @param current the RestAPI as it is stored
 * @throws ApiError, TransportError; Error in words if it is released by spec.blueGreen
 */
export async function kindStates(
  cluster: Cluster,
  wanted: StoredObject<RestAPI>,
  current: StoredObject<RestAPI> | undefined,
  signal: AbortSignal,
): Promise<KindState[]> {
  const { name, namespace } = wanted.metadata;
  if (wanted.spec.blueGreen?.enabled || current?.status?.activeEnvironment) {
    // What comes next depends on where its releases stand, which only the operator decides.
    throw new Error(
      `RestAPI ${namespace}/${name} is released by spec.blueGreen, of which a comparison is not possible: apply it, and look at kubectl restapi status ${name} before it is promoted`,
    );
  }
  const options = { namespace: cluster.namespace, labelSelector: generatedSelector(name), signal };
  const deployments = await all<Deployment>(cluster.client, DEPLOYMENT, options);
  const desired = describe(wanted, deployments);
  const before = current ? describe(current, deployments) : [];
  return Promise.all(
    uniqueKinds().map(async ({ kind, type }): Promise<KindState> => {
      const ofKind = (objects: typeof desired) =>
        objects.filter(({ object }) => object.kind === kind).map(({ object }) => object);
      const names = ofKind(desired).map(({ metadata }) => metadata.name);
      const observed = await observe(cluster, type, names, options);
      return { kind, desired: ofKind(desired), before: ofKind(before), observed };
    }),
  );
}

function describe(api: StoredObject<RestAPI>, deployments: readonly StoredObject<Deployment>[]) {
  return generatedFor(RestAPI, api, decisionFor(api, deployments), OPERATOR_NAME);
}

/** With the hashes that pods have now: what ConfigMaps and Secrets hold is not read for a comparison. */
function decisionFor(api: StoredObject<RestAPI>, deployments: readonly StoredObject<Deployment>[]): Decision {
  const unread = sourcesOfVariables(api).map((source) => ({ ...source, optional: false, hash: undefined }));
  return plainDecision(api, referenceHashes(unread, deployments));
}

function uniqueKinds(): DescribingDependent[] {
  return [...new Map(describingDependents(RestAPI).map((each) => [each.kind, each])).values()];
}

async function observe(
  { client, namespace }: Cluster,
  type: ResourceType,
  names: readonly string[],
  options: { namespace: string; labelSelector: string; signal: AbortSignal },
): Promise<KindState['observed']> {
  try {
    const labelled = await all(client, type, options);
    const found = new Set(labelled.map(({ metadata }) => metadata.name));
    // Somebody else's object of that name bears no label of ours.
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
