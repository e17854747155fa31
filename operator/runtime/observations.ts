import type { Observation } from '../decorators/controller.ts';
import type { KindCache } from '../informer/kind-cache.ts';
import { keyOf, type StoredObject } from '../kubernetes-object.ts';
import { type ResourceType, regularType } from '../resource/resource-type.ts';
import type { InformerPool } from './informer-pool.ts';

interface Watched {
  observation: Observation;
  type: ResourceType;
  cache: KindCache;
  /** Objects by key of the primary they belong to, and there by their own. */
  byPrimary: Map<string, Map<string, StoredObject>>;
}

/** Follows the kinds of `watches`: objects of other clients that reconciling a primary depends on. */
export class Observations {
  readonly #watched: readonly Watched[];
  readonly #namespaced: boolean;
  readonly #onChange: (key: string) => void;

  /**
   * @param namespaced whether primaries live in a namespace, which is then that of their observed objects
   * @param onChange called with the key of the primary of every created, changed or deleted object
   */
  constructor(
    observations: readonly Observation[],
    namespaced: boolean,
    informers: InformerPool,
    onChange: (key: string) => void,
  ) {
    this.#namespaced = namespaced;
    this.#onChange = onChange;
    this.#watched = observations.map((observation) => {
      const type = regularType(observation);
      return { observation, type, cache: informers.of(type, observation.labelSelector), byPrimary: new Map() };
    });
  }

  /** Begins to listen. Call it before the caches are filled. */
  start(): void {
    for (const watched of this.#watched) {
      watched.cache.subscribe(({ type, object, previous, initial }) => {
        const before = previous && this.#primaryKey(watched, previous);
        const after = this.#primaryKey(watched, object);
        if (before !== undefined && before !== after) forget(watched, before, object);
        if (after !== undefined) {
          if (type === 'DELETED') forget(watched, after, object);
          else remember(watched, after, object);
        }
        if (initial) return;
        for (const key of new Set([before, after])) if (key !== undefined) this.#onChange(key);
      });
    }
  }

  /** The objects of a kind that belong to a primary. @throws Error if the kind is not in `watches` */
  of(key: string, kind: string): StoredObject[] {
    return [...(this.watched(kind).byPrimary.get(key)?.values() ?? [])];
  }

  /** The objects of a kind, whatever primary they belong to. @throws as of() */
  every(kind: string): StoredObject[] {
    return this.watched(kind).cache.list();
  }

  /** The watch of a kind. @throws Error if the kind is not in `watches` */
  watched(kind: string): Watched {
    const watched = this.#watched.find(({ observation }) => observation.kind === kind);
    if (!watched) throw new Error(`${kind} is not watched: add it to the controller's watches`);
    return watched;
  }

  /** All objects that belong to a primary. */
  all(key: string): StoredObject[] {
    return this.#watched.flatMap(({ byPrimary }) => [...(byPrimary.get(key)?.values() ?? [])]);
  }

  #primaryKey({ observation }: Watched, object: StoredObject): string | undefined {
    const name = observation.toPrimary(object);
    if (name === undefined) return undefined;
    return keyOf({ metadata: { name, ...(this.#namespaced && { namespace: object.metadata.namespace }) } });
  }
}

function remember({ byPrimary }: Watched, key: string, object: StoredObject): void {
  byPrimary.set(key, (byPrimary.get(key) ?? new Map<string, StoredObject>()).set(keyOf(object), object));
}

function forget({ byPrimary }: Watched, key: string, object: StoredObject): void {
  const objects = byPrimary.get(key);
  objects?.delete(keyOf(object));
  if (objects?.size === 0) byPrimary.delete(key);
}
