import type { KubernetesObject } from '../kubernetes-object.ts';
import { type ResourceType, resourcePath } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { METADATA_ONLY } from '../transport/media-types.ts';

/** A collection as an informer follows it. Every request about it must carry all of this, or RBAC may refuse it. */
export interface Collection {
  type: ResourceType;
  /** Default: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

/** A question about a collection. */
export interface Peek {
  /** Only this object. It must be in the collection's namespace, if that has one. */
  object?: { namespace?: string | undefined; name: string } | undefined;
  /** The state at exactly this version. Default: the current state, by a consistent read. */
  atVersion?: string | undefined;
  /** Maximum number of objects. */
  limit: number;
  /** Milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** Part of a collection; metadata alone where the server supports that. */
export interface Peeked {
  /** The resourceVersion of the answer. */
  version: string;
  items: KubernetesObject[];
  /** Whether there are more than `limit`. */
  more: boolean;
}

/**
 * Reads part of a collection with one list request, which needs only the right to `list` and has the collection's selectors.
 *
 * @throws ApiError, TransportError; Error if the answer is not a list
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

/** A selector that has a name already names this object: the collection contains no other. */
function withName(fieldSelector: string | undefined, name: string): string {
  if (!fieldSelector) return `metadata.name=${name}`;
  return /(^|,)metadata\.name=/.test(fieldSelector) ? fieldSelector : `${fieldSelector},metadata.name=${name}`;
}
