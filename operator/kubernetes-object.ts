/** The part of metadata every Kubernetes object has and this framework reads. Times are RFC 3339 strings, as on the wire. */
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
 * A Kubernetes object as raw JSON. client-node's own types hold dates as Date and drop unknown fields when
 * they are read and written back; this one is what the server sent, nothing lost.
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

/** `namespace/name`, or `name` for cluster-scoped objects: how objects are named in logs, messages and queues. */
export function keyOf(object: KubernetesObject): string {
  const { namespace, name } = object.metadata ?? {};
  return namespace ? `${namespace}/${name}` : `${name}`;
}

/** The owner reference marked as controller, of which an object has at most one (the API server enforces that). */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller);
}

/** Ends the key of the annotation that names the owner of an object made to outlive it; its group comes before. */
export const RETAINED_FOR = '/retained-for';

/**
 * The owner of an object that is kept when its owner is deleted. It cannot have an owner reference: the garbage
 * collector would delete it. The annotation is only good for finding the two together, and never a reason to delete.
 */
export function retainedFor(object: KubernetesObject): OwnerReference | undefined {
  const annotations = object.metadata?.annotations ?? {};
  const key = Object.keys(annotations).find((name) => name.endsWith(RETAINED_FOR));
  if (!key) return undefined;
  try {
    const owner = JSON.parse(annotations[key] ?? '') as OwnerReference | null;
    return typeof owner?.uid === 'string' ? owner : undefined;
  } catch {
    // Anybody may write an annotation.
    return undefined;
  }
}

/** Whom an object was generated for: its controller, or the one it is retained for. */
export function ownerOf(object: KubernetesObject): OwnerReference | undefined {
  return controllerOf(object) ?? retainedFor(object);
}

/**
 * Whether an object is being deleted and what belongs to it is to stay (`kubectl delete --cascade=orphan`): the garbage
 * collector takes the owner references off and then its finalizer.
 */
export function isOrphaning({ metadata }: KubernetesObject): boolean {
  return metadata?.deletionTimestamp !== undefined && (metadata.finalizers?.includes('orphan') ?? false);
}
