import { type KubernetesObject, ownerOf } from '../kubernetes-object.ts';
import type { InformerEvent } from './informer-event.ts';

/** Objects by key, see storeKey(). */
export type Objects<T> = ReadonlyMap<string, T>;

/** One change of a collection as a watch tells it. */
export interface Change<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
}

/** The key of an object in the store. A slash cannot be part of a namespace or a name. */
export function storeKey(namespace: string | undefined, name: string | undefined): string {
  return `${namespace ?? ''}/${name ?? ''}`;
}

export function keyOfStored(object: KubernetesObject): string {
  return storeKey(object.metadata?.namespace, object.metadata?.name);
}

/**
 * What one change of a watch means for a cache, which may have seen it already (a watch may repeat) or may have missed
 * what came before. Pure.
 */
export function reduceChange<T extends KubernetesObject>(objects: Objects<T>, change: Change<T>): InformerEvent<T>[] {
  const { object } = change;
  const known = objects.get(keyOfStored(object));
  if (change.type === 'DELETED') {
    // Only the very object that is known: a late word about its namesake before it changes nothing.
    return known !== undefined && sameUid(known, object) ? [{ type: 'DELETED', object, previous: known }] : [];
  }
  return replaceOne(known, object);
}

/** What a new list of the whole collection means for a cache: the real differences and nothing else. Pure. */
export function reduceReplace<T extends KubernetesObject>(objects: Objects<T>, listed: Objects<T>): InformerEvent<T>[] {
  const events: InformerEvent<T>[] = [];
  // What has gone comes first, as it did in the cluster.
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

/** The objects an informer knows, with an index by the uid of whom they were generated for. */
export class Store<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #byOwner = new Map<string, Set<string>>();

  get objects(): Objects<T> {
    return this.#objects;
  }

  /** Take in what events say. All of them are in before anyone is told, so that a replaced list appears at one stroke. */
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
