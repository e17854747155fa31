import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';

/**
 * The views of a resource on the dashboard, as JSON. The methods must be pure and should pick fields one by one: every viewer sees
 * whatever they return.
 */
export interface ResourceViews<P extends KubernetesObject = KubernetesObject> {
  /** Returns the row in the list of all resources. */
  row(primary: StoredObject<P>): object;
  /** Returns the detailed view. `related`: its generated and watched objects of all kinds, from the caches. */
  full(primary: StoredObject<P>, related: readonly StoredObject[]): object;
}

/** Source of the views of one kind, backed by the caches of its controller. */
export interface ViewSource {
  /** Plural name of the kind in URLs, such as `restapis`. */
  readonly plural: string;
  /** Returns the keys of all existing resources, see keyOf(). */
  keys(): string[];
  /** Returns the row of a resource; undefined if it does not exist. */
  row(key: string): object | undefined;
  /** Returns the detailed view of a resource; undefined if it does not exist. */
  full(key: string): object | undefined;
  /** Calls a function with the key of each resource whose views may have changed. */
  subscribe(listener: (key: string) => void): void;
}
