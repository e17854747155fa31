import { type KubernetesObject, ownerOf } from '../kubernetes-object.ts';
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

/** The cached objects of an informer, with an index by the uid of their owner. */
export class Store<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #byOwner = new Map<string, Set<string>>();

  get objects(): Objects<T> {
    return this.#objects;
  }

  /** Applies events. The informer applies all of them before it notifies subscribers, so that a list is replaced atomically. */
  apply(events: readonly InformerEvent<T>[]): void {
    for (const { type, object, previous } of events) {
      const key = keyOfStored(object);
      if (previous !== undefined) this.#unindex(key, previous);
      if (type === 'DELETED') {
        this.#objects.delete(key);
        continue;
      }
      this.#objects.set(key, object);
      this.#index(key, object);
    }
  }

  ownedBy(uid: string): T[] {
    const owned: T[] = [];
    for (const key of this.#byOwner.get(uid) ?? []) {
      const object = this.#objects.get(key);
      if (object !== undefined) owned.push(object);
    }
    return owned;
  }

  #index(key: string, object: T): void {
    const uid = ownerOf(object)?.uid;
    if (uid === undefined) return;
    const keys = this.#byOwner.get(uid);
    if (keys === undefined) this.#byOwner.set(uid, new Set([key]));
    else keys.add(key);
  }

  #unindex(key: string, object: T): void {
    const uid = ownerOf(object)?.uid;
    if (uid === undefined) return;
    const keys = this.#byOwner.get(uid);
    keys?.delete(key);
    if (keys?.size === 0) this.#byOwner.delete(uid);
  }
}
