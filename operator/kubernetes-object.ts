/** The metadata that this framework reads. Times are RFC 3339 strings, as on the wire. */
export interface ObjectMeta {
  name?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  [other: string]: unknown;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/**
 * A Kubernetes object as raw JSON, exactly as the server sent it. The types of client-node convert times to Date and lose unknown
 * fields when an object is read and written back.
 */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
}

/** An object whose name and uid are known because the API server has stored it. */
export type StoredObject<T extends KubernetesObject = KubernetesObject> = T & {
  metadata: ObjectMeta & { name: string; uid: string; resourceVersion: string };
};

/** Returns `namespace/name`, or `name` for cluster-scoped objects: the key in logs, messages and queues. */
export function keyOf(object: KubernetesObject): string {
  const { namespace, name } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : `${name}`;
}

/** Returns the owner reference marked as controller. The API server allows one at most. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller);
}

/** The end of the key of the annotation that names the owner of a retained object; the API group precedes it. */
export const RETAINED_FOR = '/retained-for';

/**
 * Returns the owner of an object that is kept when its owner is deleted. Such an object has no owner reference, because the
 * garbage collector would delete it. The annotation only links the two; it is never a reason to delete.
 */
export function retainedFor(object: KubernetesObject): OwnerReference | undefined {
  const annotations = object.metadata?.annotations ?? {};
  const key = Object.keys(annotations).find((name) => name.endsWith(RETAINED_FOR));
  if (!key) return undefined;
  try {
    const owner = JSON.parse(annotations[key] ?? '') as OwnerReference | null;
    return typeof owner?.uid === 'string' ? owner : undefined;
  } catch {
    // Any client may write an annotation.
    return undefined;
  }
}

/** Returns the owner that an object was generated for: its controller, or the owner it is retained for. */
export function ownerOf(object: KubernetesObject): OwnerReference | undefined {
  return controllerOf(object) ?? retainedFor(object);
}

/**
 * Whether an object is being deleted while its dependents are kept (`kubectl delete --cascade=orphan`): the garbage
 * collector removes the owner references and then its finalizer.
 */
export function isOrphaning({ metadata }: KubernetesObject): boolean {
  return metadata?.deletionTimestamp !== undefined && (metadata.finalizers?.includes('orphan') ?? false);
}
