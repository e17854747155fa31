import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';

/**
 * What a page shows of a resource, as JSON. The methods are pure, and say what is shown field by field: whatever they
 * return, every viewer sees.
 */
export interface ResourceViews<P extends KubernetesObject = KubernetesObject> {
  /** In a list of all. */
  row(primary: StoredObject<P>): object;
  /** By itself. `related`: what was generated for it and what its controller observes, of all kinds, as cached. */
  full(primary: StoredObject<P>, related: readonly StoredObject[]): object;
}

/** Where the views of one kind come from: the caches of its controller. */
export interface ViewSource {
  /** Name of the kind in URLs, such as `restapis`. */
  readonly plural: string;
  /** Keys of all resources there are, see keyOf(). */
  keys(): string[];
  /** One in the list; undefined: it does not exist. */
  row(key: string): object | undefined;
  /** One by itself; undefined: it does not exist. */
  full(key: string): object | undefined;
  /** Has a function called with the key of each resource that may look different now. */
  subscribe(listener: (key: string) => void): void;
}
