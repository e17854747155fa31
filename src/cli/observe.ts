import {
  type ApiClient,
  apiVersionOf,
  customResourceOf,
  isForbidden,
  isNotFound,
  type KubernetesObject,
  type ResourceType,
  type StoredObject,
  withDefaults,
} from '../../operator/index.ts';
import { type Deployment, RestAPI, type Service } from '../../resources/index.ts';
import type { Observed } from '../live-table/observed.ts';
import { DEPLOYMENT, generatedSelector, POD, SERVICE } from '../workload/kinds.ts';
import type { Pod } from '../workload/pod.ts';
import type { Cluster } from './cluster.ts';

/** Reads a RestAPI; undefined if it does not exist. @throws ApiError, TransportError */
export async function findRestApi(
  { client, namespace }: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<StoredObject<RestAPI> | undefined> {
  try {
    const stored = await client.get<RestAPI>(customResourceOf(RestAPI), namespace, name, { signal });
    return withDefaults(RestAPI, stored) as StoredObject<RestAPI>;
  } catch (error) {
    if (isNotFound(error) && error.details.name === name) return undefined;
    throw error;
  }
}

/** Reads a RestAPI. @throws ApiError, TransportError, Error for the user if it does not exist */
export async function getRestApi(cluster: Cluster, name: string, signal: AbortSignal): Promise<StoredObject<RestAPI>> {
  const api = await findRestApi(cluster, name, signal);
  if (!api) throw new Error(`RestAPI ${name} not found in namespace ${cluster.namespace}`);
  return api;
}

/** Lists the RestAPIs of a namespace, or of all namespaces. @throws ApiError, TransportError */
export function listRestApis(
  client: ApiClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<StoredObject<RestAPI>[]> {
  return listAll(client, customResourceOf(RestAPI), { namespace, signal });
}

/** Reads a RestAPI and its generated objects; kinds without the right to list them are undefined. @throws as getRestApi */
export async function observe(cluster: Cluster, name: string, signal: AbortSignal): Promise<Observed> {
  const { client, namespace } = cluster;
  const options = { namespace, labelSelector: generatedSelector(name), signal };
  const [api, deployments, services, pods] = await Promise.all([
    getRestApi(cluster, name, signal),
    unlessForbidden(listAll<Deployment>(client, DEPLOYMENT, options)),
    unlessForbidden(listAll<Service>(client, SERVICE, options)),
    unlessForbidden(listAll<Pod>(client, POD, options)),
  ]);
  return { restapis: [api], deployments, services, pods };
}

/** Lists the objects of a kind. @throws ApiError, TransportError */
export async function listAll<T extends KubernetesObject>(
  client: ApiClient,
  type: ResourceType,
  options: { namespace?: string | undefined; labelSelector?: string; fieldSelector?: string; signal: AbortSignal },
): Promise<StoredObject<T>[]> {
  // The API server sends apiVersion and kind once for the whole list.
  const identity = { apiVersion: apiVersionOf(type), kind: type.kind };
  const keep = (object: T) => {
    const named = { ...identity, ...object } as unknown as StoredObject<T>;
    return type.complete?.(named) ?? named;
  };
  return (await client.listAll<T, StoredObject<T>>(type, options, keep)).items;
}

/** The result of a request; undefined without the right to make it. */
async function unlessForbidden<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}
