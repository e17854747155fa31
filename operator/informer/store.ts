import { type KubernetesObject, ownerOf } from '../kubernetes-object.ts';
import { CacheIndex } from './cache-index.ts';
import type { InformerEvent } from './informer-event.ts';

/** Objects by key, see storeKey(). */
export type Objects<T> = ReadonlyMap<string, T>;

/** One change of a collection as a watch delivers it. */
export interface Change<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

/** Returns the key of an object in the store. A slash cannot be part of a namespace or a name. */
export function storeKey(namespace: string | undefined, name: string | undefined): string {
  return `${namespace ?? ''}/${name ?? ''}`;
}

export function keyOfStored(object: KubernetesObject): string {
  return storeKey(object.metadata?.namespace, object.metadata?.name);
}

/**
 * Computes the events of one change of a watch. The cache may have seen it already (a watch may repeat) or may have missed
 * earlier ones. Pure.
 */
export function reduceChange<T extends KubernetesObject>(objects: Objects<T>, change: Change<T>): InformerEvent<T>[] {
  const { object } = change;
  const known = objects.get(keyOfStored(object));
  if (change.type === 'DELETED') {
    // Only the known object: a late event of its predecessor of the same name changes nothing.
    return known !== undefined && sameUid(known, object) ? [{ type: 'DELETED', object, previous: known }] : [];
  }
  return replaceOne(known, object);
}

/** Computes the events of a new list of the whole collection: the differences from the cache. Pure. */
export function reduceReplace<T extends KubernetesObject>(objects: Objects<T>, listed: Objects<T>): InformerEvent<T>[] {
  const events: InformerEvent<T>[] = [];
  // Deletions come first, as they did in the cluster.
  for (const [key, known] of objects) {
    if (!listed.has(key)) events.push({ type: 'DELETED', object: known, previous: known });
  }
  for (const [key, object] of listed) events.push(...replaceOne(objects.get(key), object));
  return events;
}

function replaceOne<T extends KubernetesObject>(known: T | undefined, object: T): InformerEvent<T>[] {
  if (known === undefined) return [{ type: 'ADDED', object }];
  if (!sameUid(known, object)) {
    return [
      { type: 'DELETED', object: known, previous: known },
      { type: 'ADDED', object },
    ];
  }
  if (known.metadata?.resourceVersion === object.metadata?.resourceVersion) return [];
  return [{ type: 'MODIFIED', object, previous: known }];
}

function sameUid(a: KubernetesObject, b: KubernetesObject): boolean {
  return a.metadata?.uid === b.metadata?.uid;
}

/** The cached objects of an informer, with indexes: one by the uid of their owner, and those that users add. */
export class Store<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #byOwner = new CacheIndex<T>((object) => ownerOf(object)?.uid);
  readonly #indexes = [this.#byOwner];

  get objects(): Objects<T> {
    return this.#objects;
  }

  /** Keeps an index up to date from now on; objects that are already cached are added to it. */
  addIndex(index: CacheIndex<T>): void {
    this.#indexes.push(index);
    for (const [key, object] of this.#objects) index.add(key, object);
  }

  /** Applies events. The informer applies all of them before it notifies subscribers, so that a list is replaced atomically. */
  apply(events: readonly InformerEvent<T>[]): void {
    for (const { type, object, previous } of events) {
      const key = keyOfStored(object);
      if (previous !== undefined) for (const index of this.#indexes) index.remove(key, previous);
      if (type === 'DELETED') {
        this.#objects.delete(key);
        continue;
      }
      this.#objects.set(key, object);
      for (const index of this.#indexes) index.add(key, object);
    }
  }

  ownedBy(uid: string): T[] {
    return this.#byOwner.get(uid);
  }
}
