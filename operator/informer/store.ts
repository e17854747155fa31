import { controllerOf, type KubernetesObject } from '../kubernetes-object.ts';
import type { InformerEvent } from './informer-event.ts';

/** The objects an informer holds, by namespace and name, with an index by controller. No I/O: changes in, events out. */
export class Store<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  readonly #byController = new Map<string, Set<string>>();

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(storeKey(namespace, name));
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /** Objects whose controller has this uid. */
  ownedBy(uid: string): T[] {
    const keys = this.#byController.get(uid);
    return keys ? [...keys].map((key) => this.#objects.get(key) as T) : [];
  }

  /** Takes in what a watch says of one object. @returns what that changes, in order */
  take(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): InformerEvent<T>[] {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (type === 'DELETED') {
      if (!previous) return [];
      this.#remove(key, previous);
      return [{ type, object, previous }];
    }
    return this.#put(key, object, previous);
  }

  /** Takes in a whole list: what it lacks is gone. @returns what that changes; `initial` marks them as first list */
  replace(objects: Iterable<T>, initial: boolean): InformerEvent<T>[] {
    const events: InformerEvent<T>[] = [];
    const listed = new Map([...objects].map((object) => [keyOf(object), object]));
    for (const [key, previous] of [...this.#objects]) {
      if (listed.has(key)) continue;
      this.#remove(key, previous);
      events.push({ type: 'DELETED', object: previous, previous });
    }
    for (const [key, object] of listed) events.push(...this.#put(key, object, this.#objects.get(key)));
    return initial ? events.map((event) => ({ ...event, initial })) : events;
  }

  #put(key: string, object: T, previous: T | undefined): InformerEvent<T>[] {
    if (!previous) {
      this.#set(key, object);
      return [{ type: 'ADDED', object }];
    }
    const [now, before] = [object.metadata, previous.metadata];
    if (now?.uid === before?.uid && now?.resourceVersion === before?.resourceVersion) return [];
    this.#remove(key, previous);
    this.#set(key, object);
    if (now?.uid === before?.uid) return [{ type: 'MODIFIED', object, previous }];
    // Deleted and made anew: whoever only ever saw one of that name must hear of both.
    return [
      { type: 'DELETED', object: previous, previous },
      { type: 'ADDED', object },
    ];
  }

  #set(key: string, object: T): void {
    this.#objects.set(key, object);
    const owner = controllerOf(object)?.uid;
    if (owner === undefined) return;
    const keys = this.#byController.get(owner);
    if (keys) keys.add(key);
    else this.#byController.set(owner, new Set([key]));
  }

  #remove(key: string, object: T): void {
    this.#objects.delete(key);
    const owner = controllerOf(object)?.uid;
    const keys = owner === undefined ? undefined : this.#byController.get(owner);
    if (!keys || owner === undefined) return;
    keys.delete(key);
    if (keys.size === 0) this.#byController.delete(owner);
  }
}

function keyOf({ metadata }: KubernetesObject): string {
  return storeKey(metadata?.namespace, metadata?.name ?? '');
}

function storeKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
