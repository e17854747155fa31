import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';

/**
 * Builds what a page shows of a resource, as JSON. The methods are pure and select fields explicitly: every viewer sees all they
 * return.
 */
export interface ResourceViews<P extends KubernetesObject = KubernetesObject> {
  /** A row of the list. */
  row(primary: StoredObject<P>): object;
  /** The full view. `related`: its dependents and the watched resources of its controller, of all kinds, as cached. */
  full(primary: StoredObject<P>, related: readonly StoredObject[]): object;
}

/** The source of the views of one kind: the caches of its controller. */
export interface ViewSource {
  /** Plural name of the kind in URLs, such as `restapis`. */
  readonly plural: string;
  /** Returns the keys of all resources, see keyOf(). */
  keys(): string[];
  /** Returns a row; undefined: the resource does not exist. */
  row(key: string): object | undefined;
  /** Returns the full view; undefined: the resource does not exist. */
  full(key: string): object | undefined;
  /** Calls a listener with the key of each resource whose views may have changed. */
  subscribe(listener: (key: string) => void): void;
}
