import type { KubernetesObject } from '../kubernetes-object.ts';
import { type ResourceType, resourcePath } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { METADATA_ONLY } from '../transport/media-types.ts';

/** A collection as an informer follows it: every request about it externallyManaged all of this, or RBAC may refuse it. */
export interface Collection {
  type: ResourceType;
  /** Left out: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

/** What is asked about a collection. */
export interface Peek {
  /** Only this object. It must be in the collection's namespace, if that has one. */
  object?: { namespace?: string | undefined; name: string } | undefined;
  /** The state at exactly this version. Left out: the state now, as a consistent read. */
  atVersion?: string | undefined;
  /** At most so many objects. */
  limit: number;
  /** Milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** Part of a collection: metadata alone, where the server can give that. */
export interface Peeked {
  /** The version at which this was true. */
  version: string;
  items: KubernetesObject[];
  /** Whether there is more than `limit`. */
  more: boolean;
}

/**
 * Reads a little of a collection with one list request, which needs no right but `list` and externallyManaged the collection's selectors.
 *
 * @throws ApiError, TransportError; Error if the answer is no list
 */
export async function peek(client: ApiClient, collection: Collection, options: Peek): Promise<Peeked> {
  const { type, labelSelector, fieldSelector } = collection;
  const { object, atVersion, limit, timeoutMs, signal } = options;
  const path = resourcePath(type, type.namespaced ? (collection.namespace ?? object?.namespace) : undefined);
  const answer = await client.request<{
    kind?: unknown;
    metadata?: { resourceVersion?: unknown; continue?: unknown };
    items?: KubernetesObject[] | null;
  }>({
    method: 'GET',
    path,
    query: {
      labelSelector,
      fieldSelector: object === undefined ? fieldSelector : withName(fieldSelector, object.name),
      limit,
      resourceVersion: atVersion,
      resourceVersionMatch: atVersion === undefined ? undefined : 'Exact',
    },
    accept: METADATA_ONLY.list,
    timeoutMs,
    signal,
  });
  const version = answer?.metadata?.resourceVersion;
  if (typeof answer !== 'object' || !String(answer.kind).endsWith('List') || typeof version !== 'string' || !version) {
    throw new Error(`GET ${path} did not return a list; check for a proxy in front of the API server`);
  }
  return { version, items: answer.items ?? [], more: Boolean(answer.metadata?.continue) };
}

/** A selector that names an object already names this one: the collection holds no other. */
function withName(fieldSelector: string | undefined, name: string): string {
  if (!fieldSelector) return `metadata.name=${name}`;
  return /(^|,)metadata\.name=/.test(fieldSelector) ? fieldSelector : `${fieldSelector},metadata.name=${name}`;
}
