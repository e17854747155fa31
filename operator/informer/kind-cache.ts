import type { StoredObject } from '../kubernetes-object.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { CacheIndex } from './cache-index.ts';
import type { Informer } from './informer.ts';
import type { InformerHandler } from './informer-event.ts';

/** The part of an informer that a KindCache reads. */
export type CachePart = Pick<
  Informer<StoredObject>,
  'namespace' | 'get' | 'list' | 'ownedBy' | 'index' | 'subscribe' | 'served' | 'onServed' | 'onUnserved'
>;

/** Objects by a derived value, see CacheIndex. */
export type KindIndex = Pick<CacheIndex<StoredObject>, 'get'>;

/** The error for an object in a namespace that is not served. @param what the object, such as `ConfigMap apps/settings` */
export function unservedNamespace(what: string, namespace: string | undefined): Error {
  return new Error(
    `${what} rejected: this operator does not serve namespace ${namespace}; add it to the operator's namespaces`,
  );
}

/**
 * The cached objects of one kind: one informer for each served namespace, or a single one for all namespaces or a cluster-scoped
 * kind. Each informer lists and watches on its own, so one namespace whose rights are missing does not stop the others.
 *
 * Versions of different namespaces are seen at different times. What depends on them uses the informer of the object's namespace,
 * see of().
 */
export class KindCache<I extends CachePart = Informer<StoredObject>> {
  readonly type: ResourceType;
  readonly informers: readonly I[];
  readonly #byNamespace: ReadonlyMap<string, I>;
  /** The informer of everything; undefined: there is one for each namespace. */
  readonly #whole: I | undefined;

  /** @param informers one without a namespace, or one for each namespace */
  constructor(type: ResourceType, informers: readonly I[]) {
    this.type = type;
    this.informers = informers;
    this.#byNamespace = new Map(informers.map((informer) => [informer.namespace ?? '', informer]));
    this.#whole = this.#byNamespace.get('');
  }

  /** The informer of the objects in a namespace; undefined if the namespace is not served. */
  of(namespace: string | undefined): I | undefined {
    return this.#whole ?? this.#byNamespace.get(namespace ?? '');
  }

  /** Returns one object as last seen. The namespace of a cluster-scoped object is `undefined` or `''`. */
  get(namespace: string | undefined, name: string): StoredObject | undefined {
    return this.of(namespace)?.get(namespace, name);
  }

  /** Returns all objects, in a new array. */
  list(): StoredObject[] {
    return this.informers.flatMap((informer) => informer.list());
  }

  /** Returns the objects generated for the owner with this uid. */
  ownedBy(uid: string): StoredObject[] {
    return this.informers.flatMap((informer) => informer.ownedBy(uid));
  }

  /** Adds an index, which is up to date whenever a subscriber is notified. @param indexBy see CacheIndex */
  index(indexBy: (object: StoredObject) => string | undefined): KindIndex {
    const indexes = this.informers.map((informer) => informer.index(indexBy));
    return { get: (value) => indexes.flatMap((index) => index.get(value)) };
  }

  /** Subscribes to the changes in all namespaces, see Informer.subscribe(). */
  subscribe(handler: InformerHandler<StoredObject>): void {
    for (const informer of this.informers) informer.subscribe(handler);
  }

  /** Whether objects of the kind can be written in a namespace; without one: in all. False while its CRD is not installed. */
  isServed(namespace: string | undefined): boolean {
    const informer = this.of(namespace);
    return informer ? informer.served : this.informers.every(({ served }) => served);
  }

  /** Calls `handler` each time an optional kind becomes served, once for each namespace. It must not throw. */
  onServed(handler: () => void): void {
    for (const informer of this.informers) informer.onServed(handler);
  }

  /** Calls `handler` each time an optional kind is no longer served, once for each namespace. It must not throw. */
  onUnserved(handler: () => void): void {
    for (const informer of this.informers) informer.onUnserved(handler);
  }
}
