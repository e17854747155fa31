import { createHash } from 'node:crypto';
import type { KubernetesObject, OwnerReference, StoredObject } from '../kubernetes-object.ts';
import { withFields } from './carried-fields.ts';

/** Label on every generated object, which our watches select. */
export const MANAGED_BY = 'app.kubernetes.io/managed-by';

/** The marks that the framework adds to every generated object. */
export interface Ownership {
  /** Server-side apply's field manager, and the value of the managed-by label. */
  fieldManager: string;
  /** Annotation that holds the hash of what was last applied. */
  hashAnnotation: string;
  /** Annotation that names the dependent class an object comes from. */
  dependentAnnotation: string;
  /** Annotation that names the owner of an object that is kept when its owner is deleted. */
  retainedAnnotation: string;
  /** Annotation that holds the metadata.generation of the owner an object was last written for. */
  generationAnnotation: string;
  /** Annotation that holds the leadership term in which an object was last written. */
  termAnnotation: string;
  /** Annotation that lists the fields that this operator once applied and no longer does, as JSON. */
  givenUpAnnotation: string;
}

/** An object ready to be applied: the output of a dependent with identity, owner, label and hash. */
export type DesiredObject = KubernetesObject & {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; annotations: Record<string, string>; labels: Record<string, string> };
};

/** The owner reference that makes `owner` the controller of an object, for the garbage collector. */
export function controllerReference(owner: StoredObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion ?? '',
    kind: owner.kind ?? '',
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
  };
}

/**
 * Completes the output of a dependent.
 *
 * The hash annotation shows a later run, even after a restart, whether the description has changed: one apply then abandons the
 * fields that are no longer described. Changes of others are found by comparing fields. Externally managed fields are not part
 * of the hash.
 *
 * @param description must have a metadata.name and, if its owner is cluster-scoped and its kind is not, a metadata.namespace;
 *   must not name another namespace than its owner's
 * @throws Error if the description has no name or another namespace
 */
export function desiredObject(
  description: KubernetesObject,
  identity: {
    apiVersion: string;
    kind: string;
    namespaced: boolean;
    dependent: string;
    retained: boolean;
    externallyManaged: readonly string[];
  },
  owner: StoredObject,
  ownership: Ownership,
): DesiredObject {
  const { apiVersion, kind, dependent, retained } = identity;
  const name = description.metadata?.name;
  if (!name) throw new Error(`A ${kind} generated for ${owner.kind} ${owner.metadata.name} has no metadata.name`);
  const namespace = namespaceOf(description, identity, owner);
  const object: DesiredObject = {
    ...description,
    apiVersion,
    kind,
    metadata: {
      ...description.metadata,
      name,
      ...(namespace ? { namespace } : {}),
      labels: { ...description.metadata?.labels, [MANAGED_BY]: ownership.fieldManager },
      annotations: {
        ...description.metadata?.annotations,
        [ownership.dependentAnnotation]: dependent,
        ...(retained && { [ownership.retainedAnnotation]: JSON.stringify(controllerReference(owner)) }),
      },
      ...(retained ? {} : { ownerReferences: [controllerReference(owner)] }),
    },
  };
  object.metadata.annotations[ownership.hashAnnotation] = hashOf(
    identity.externallyManaged.length > 0
      ? withFields(object, new Map(identity.externallyManaged.map((path) => [path, undefined])))
      : object,
  );
  return object;
}

/** @throws Error if the description names another namespace than its owner's, or none although its owner has none */
function namespaceOf(
  { metadata }: KubernetesObject,
  { kind, namespaced }: { kind: string; namespaced: boolean },
  owner: StoredObject,
): string | undefined {
  const described = metadata?.namespace;
  const own = owner.metadata.namespace;
  const what = `${kind} ${metadata?.name} generated for ${owner.kind} ${owner.metadata.name}`;
  if (!namespaced) {
    if (!described) return undefined;
    throw new Error(
      `${what} names namespace ${described}, but the kind is cluster-scoped: leave metadata.namespace out`,
    );
  }
  if (own === undefined) {
    if (described) return described;
    throw new Error(`${what} needs a metadata.namespace: its owner is cluster-scoped and has none`);
  }
  if (described && described !== own) {
    throw new Error(`${what} names namespace ${described}: generated objects live in their owner's namespace (${own})`);
  }
  return own;
}

/** Whether an object was last written from exactly this description, whatever has changed since. */
export function hasHash(observed: KubernetesObject, desired: DesiredObject, { hashAnnotation }: Ownership): boolean {
  return observed.metadata?.annotations?.[hashAnnotation] === desired.metadata.annotations[hashAnnotation];
}

/** Returns a short hash of a JSON value, independent of the order of keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 16);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = value as Record<string, unknown>;
    let text = '';
    // A loop for speed: every description is hashed in every run.
    for (const key of Object.keys(fields).sort()) {
      const field = fields[key];
      if (field !== undefined) text += `${text && ','}${JSON.stringify(key)}:${canonical(field)}`;
    }
    return `{${text}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
