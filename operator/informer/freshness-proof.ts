import type { KubernetesObject } from '../kubernetes-object.ts';
import { resourcePath } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { METADATA_ONLY } from '../transport/media-types.ts';
import { type Collection, peek } from './peek.ts';
import { compareResourceVersions } from './resource-version.ts';
import { watchEvents } from './watch-events.ts';

/** The part of a cache that a proof needs. */
export interface ProvenCache {
  readonly size: number;
  /** Everything up to this version has been seen; undefined: nothing has been listed. */
  readonly lastResourceVersion: string | undefined;
  hasSeen(resourceVersion: string): boolean;
  get(namespace: string | undefined, name: string): KubernetesObject | undefined;
}

/** What a cache must show to be as new as the server was when asked. */
export interface Proof {
  /** For a log line: `version 4711`. */
  what: string;
  /** Whether the cache shows it. Once true it stays so within one history. */
  shown(): boolean;
}

/** Collections of at most this many objects are compared object by object. */
const SMALL = 100;
/** Shortest timeout of a watch that a server accepts, seconds. */
const REPLAY_SECONDS = 1;

/**
 * Asks the server what a cache must show to be current.
 *
 * One consistent read of the collection's version is enough where the cache has reached it. Usually it has not: the version is
 * that of the whole server, and a watch learns it only from the next event or bookmark. Therefore
 * - a small collection is read as a whole, metadata only, in that same request, and compared;
 * - for a larger one a second watch of one second from the cache's version shows what has happened since.
 *
 * @throws ApiError, TransportError when the server cannot be asked; Error for a malformed answer
 */
export async function takeProof(
  client: ApiClient,
  collection: Collection,
  cache: ProvenCache,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Proof> {
  const limit = cache.size <= SMALL ? SMALL : 1;
  const { version, items, more } = await peek(client, collection, { limit, timeoutMs, signal });
  if (!more) {
    const isSame = ({ metadata }: KubernetesObject) => {
      const cached = cache.get(metadata?.namespace, metadata?.name ?? '')?.metadata;
      return cached?.uid === metadata?.uid && cached?.resourceVersion === metadata?.resourceVersion;
    };
    return {
      what: `version ${version}`,
      shown: () => cache.hasSeen(version) || (cache.size === items.length && items.every(isSame)),
    };
  }
  const from = cache.lastResourceVersion;
  if (from === undefined || cache.hasSeen(version)) {
    return { what: `version ${version}`, shown: () => cache.hasSeen(version) };
  }
  const last = await lastSince(client, collection, from, { timeoutMs, signal });
  return {
    what: `version ${last ?? version}`,
    shown: () => last === undefined || cache.hasSeen(last),
  };
}

/** Returns the version of the last change after `from`, undefined if there was none. */
async function lastSince(
  client: ApiClient,
  { type, namespace, labelSelector, fieldSelector }: Collection,
  from: string,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<string | undefined> {
  const path = resourcePath(type, namespace);
  const stream = await client.stream({
    path,
    query: { watch: true, resourceVersion: from, timeoutSeconds: REPLAY_SECONDS, labelSelector, fieldSelector },
    accept: METADATA_ONLY.object,
    connectTimeoutMs: timeoutMs,
    deadlineMs: REPLAY_SECONDS * 1000 + timeoutMs,
    signal,
  });
  let last: string | undefined;
  try {
    for await (const { type: event, object } of watchEvents(stream, path)) {
      const version = object.metadata?.resourceVersion;
      if (!version) throw new Error(`WATCH ${path}: the stream contained an event without a resourceVersion`);
      if (event !== 'BOOKMARK' && (compareResourceVersions(version, last ?? '0') ?? 1) > 0) last = version;
    }
  } finally {
    stream.close();
  }
  return last;
}
