import type { Wait } from '../async/wait.ts';
import type { Reference, ResolvedReference } from '../decorators/controller.ts';
import type { Informer } from '../informer/informer.ts';
import { type KindCache, unservedNamespace } from '../informer/kind-cache.ts';
import { onceShown } from '../informer/once-shown.ts';
import { compareResourceVersions } from '../informer/resource-version.ts';
import { keyOf, type StoredObject } from '../kubernetes-object.ts';
import { contentHash } from '../reconcile/content-hash.ts';
import { type ResourceType, regularType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isNotFound } from '../transport/api-error.ts';
import type { InformerPool } from './informer-pool.ts';
import type { SecretHashes } from './secret-hashes.ts';

/** How long a reference waits for the cache of its kind, in milliseconds. */
const CACHE_DEADLINE_MS = 30_000;

interface Digest {
  /** The history of the server it was read in: in another one its version means nothing. */
  epoch: number;
  uid: string;
  resourceVersion: string;
  hash: string;
}

/** An object that a primary names. */
interface Named {
  type: ResourceType;
  id: string;
  namespace: string | undefined;
  name: string;
}

/**
 * Follows objects that primaries reference but do not own. Only metadata of such a kind is watched. A referenced object is read
 * when its version is new, and only a hash of it is kept: no value of a Secret stays in memory.
 */
export class References {
  readonly #client: ApiClient;
  readonly #informers: InformerPool;
  readonly #onChange: (key: string) => void;
  readonly #secretHashes: SecretHashes | undefined;
  readonly #caches = new Map<string, KindCache>();
  /** Keys of primaries by what they name, and the other way round. */
  readonly #namedBy = new Map<string, Set<string>>();
  readonly #names = new Map<string, Named[]>();
  readonly #digests = new Map<string, Digest>();

  /**
   * @param onChange called with the key of every primary that references a created, changed or deleted object
   * @param secretHashes the key of the hashes of Secrets; undefined: they have none
   */
  constructor(
    client: ApiClient,
    informers: InformerPool,
    onChange: (key: string) => void,
    secretHashes?: SecretHashes,
  ) {
    this.#client = client;
    this.#informers = informers;
    this.#onChange = onChange;
    this.#secretHashes = secretHashes;
  }

  /**
   * Remembers what a primary references, so that a change requeues it, and starts watching kinds that are new.
   * @param key of the primary in the queue
   * @returns the first cache that is not filled yet; undefined if resolve() can use the caches
   */
  unsynced(key: string, namespace: string | undefined, references: readonly Reference[]): Wait | undefined {
    const named = this.#named(namespace, references);
    this.#remember(key, named);
    const informers = [...new Set(named.map((one) => this.#informerOf(one)))].filter(({ current }) => !current);
    const [first] = informers;
    if (first === undefined) return undefined;
    const { plural } = first.type;
    const trouble = first.trouble && `, which cannot be watched: ${first.trouble.reason}`;
    return {
      what: `the cache of ${plural} to be filled${trouble ?? ''}`,
      deadlineMs: CACHE_DEADLINE_MS,
      subscribe: onceShown(informers, () => informers.every(({ current }) => current)),
    };
  }

  /**
   * Resolves the references of a primary from the caches. Call it when unsynced() returns undefined.
   * @param key of the primary in the queue
   * @returns the resolved references, and the stamp of the caches that they were resolved from
   * @throws ApiError, TransportError if an object cannot be read; Error if a cache is not filled
   */
  async resolve<R extends Reference>(
    key: string,
    namespace: string | undefined,
    references: readonly R[],
    signal: AbortSignal,
  ): Promise<{ resolved: ResolvedReference<R>[]; stamp: string[] }> {
    // A cache that is not filled shows an object that is there as missing.
    const wait = this.unsynced(key, namespace, references);
    if (wait !== undefined) throw new Error(`cannot resolve a reference yet: it needs ${wait.what}`);
    const named = this.#named(namespace, references);
    // Taken before anything is read, so that a change in between counts as a later one.
    const stamp = this.stamp(key);
    const resolved = await Promise.all(
      named.map(async ({ type, id, namespace: where, name }, index): Promise<ResolvedReference<R>> => {
        const hash = await this.#hash(type, id, where, name, signal);
        return { ...(references[index] as R), hash };
      }),
    );
    return { resolved, stamp };
  }

  /** The cached versions of everything a primary references: while they are equal, so are the hashes. */
  stamp(key: string): string[] {
    return (this.#names.get(key) ?? []).map(({ type, id, namespace, name }) => {
      const { uid, resourceVersion } = this.#cacheOf(type).get(namespace, name)?.metadata ?? {};
      return `${id}:${uid}:${resourceVersion}`;
    });
  }

  /** Forgets a deleted primary. */
  forget(key: string): void {
    this.#remember(key, []);
  }

  /** @param own namespace of the primary; undefined: it is cluster-scoped */
  #named(own: string | undefined, references: readonly Reference[]): Named[] {
    return references.map(({ apiVersion, kind, name, namespace = own }) => {
      if (own !== undefined && namespace !== own) {
        throw new Error(
          `reference to ${kind} ${namespace}/${name} from namespace ${own} rejected: a namespaced resource can only reference objects in its own namespace`,
        );
      }
      const type = regularType({ apiVersion, kind }, namespace !== undefined);
      return { type, id: idOf(type, namespace, name), namespace, name };
    });
  }

  #remember(key: string, named: Named[]): void {
    for (const { id } of named) this.#namedBy.set(id, (this.#namedBy.get(id) ?? new Set()).add(key));
    const still = new Set(named.map(({ id }) => id));
    for (const { id } of this.#names.get(key) ?? []) {
      if (still.has(id)) continue;
      const keys = this.#namedBy.get(id);
      keys?.delete(key);
      if (keys?.size === 0) {
        this.#namedBy.delete(id);
        this.#digests.delete(id);
      }
    }
    if (named.length === 0) this.#names.delete(key);
    else this.#names.set(key, named);
  }

  /** @throws Error if the namespace is not served */
  #informerOf({ type, namespace, name }: Named): Informer<StoredObject> {
    const informer = this.#cacheOf(type).of(namespace);
    if (informer) return informer;
    throw unservedNamespace(`reference to ${type.kind} ${namespace}/${name}`, namespace);
  }

  #cacheOf(type: ResourceType): KindCache {
    const id = idOf(type);
    let cache = this.#caches.get(id);
    if (!cache) {
      cache = this.#informers.metadataOf(type);
      this.#caches.set(id, cache);
      cache.subscribe(({ object, initial }) => {
        if (initial) return;
        for (const key of this.#namedBy.get(`${id}/${keyOf(object)}`) ?? []) this.#onChange(key);
      });
    }
    return cache;
  }

  async #hash(
    type: ResourceType,
    id: string,
    namespace: string | undefined,
    name: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const metadata = this.#cacheOf(type).get(namespace, name)?.metadata;
    if (!metadata) return undefined;
    const known = this.#digests.get(id);
    const { epoch } = this.#informers.history;
    // The object read last may be newer than the one in the cache.
    const current =
      known?.epoch === epoch && known.uid === metadata.uid && !isOlder(known.resourceVersion, metadata.resourceVersion);
    if (current) return known.hash;
    try {
      const object = (await this.#client.get(type, namespace, name, { signal })) as StoredObject;
      const { uid, resourceVersion } = object.metadata;
      const content = contentHash(object);
      const isKeyed = this.#secretHashes && namespace !== undefined && type.group === '' && type.kind === 'Secret';
      const hash = isKeyed ? await this.#secretHashes.of({ namespace, name }, content) : content;
      if (this.#namedBy.has(id)) this.#digests.set(id, { epoch, uid, resourceVersion, hash });
      return hash;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function isOlder(version: string, than: string): boolean {
  return (compareResourceVersions(version, than) ?? -1) < 0;
}

function idOf({ group, version, plural }: ResourceType, namespace?: string, name?: string): string {
  const id = `${group}/${version}/${plural}`;
  return name === undefined ? id : `${id}/${namespace ? `${namespace}/` : ''}${name}`;
}
