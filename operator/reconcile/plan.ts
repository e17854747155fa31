import { controllerOf, type KubernetesObject, keyOf, retainedFor, type StoredObject } from '../kubernetes-object.ts';
import { type DesiredObject, hasHash, MANAGED_BY, type Ownership } from './desired-object.ts';
import { differences } from './differences.ts';
import { type Epoch, type Staleness, staleness } from './epoch.ts';
import { returnedFields } from './given-up-fields.ts';

/** The step for one object. */
export type Step<T extends KubernetesObject = KubernetesObject> =
  /** It does not exist: apply it, provided that it still does not exist. */
  | { action: 'create'; desired: DesiredObject }
  /**
   * It is ours and `fields` differ; `drift`: another client changed the object, not the description.
   * `returned`: abandoned fields that have returned.
   */
  | {
      action: 'update';
      desired: DesiredObject;
      observed: StoredObject<T>;
      fields: string[];
      returned?: string[];
      drift: boolean;
    }
  /** It is ours and matches. */
  | { action: 'keep'; desired: DesiredObject; observed: StoredObject<T> }
  /** It is ours and wanted, but is being deleted: wait until it is gone. */
  | { action: 'wait'; desired: DesiredObject; observed: StoredObject<T> }
  /** Its name is taken by an object that is not ours; `by`: the other operator that manages it. */
  | { action: 'conflict'; desired: DesiredObject; observed: StoredObject<T>; by?: string }
  /** It is ours and no longer wanted. */
  | { action: 'delete'; observed: StoredObject<T> }
  /** It was written for a later generation of its owner, or by a later leader: this run is too old to change it. */
  | { action: 'stale'; desired?: DesiredObject; observed: StoredObject<T>; staleness?: Staleness }
  /** It is ours and `fields` differ, but another client reverts every write: the next write is delayed. */
  | {
      action: 'contended';
      desired: DesiredObject;
      observed?: StoredObject<T>;
      fields: string[];
      who: string;
      /** When the next write may be, in milliseconds from now. */
      retryAfterMs: number;
    };

/**
 * Plans the steps that bring the objects of one kind to their desired state. Pure.
 *
 * @param desired the desired objects
 * @param observed the cached objects of the same names
 * @param ownerUid uid of the owner: only objects with this controller are changed
 * @param externallyManaged fields that another client sets: their changes are no drift
 * @param epoch objects that were written with newer knowledge are not changed
 * @returns one step for each desired object, in the same order
 */
export function plan<T extends KubernetesObject>(
  desired: readonly DesiredObject[],
  observed: Iterable<StoredObject<T>>,
  ownerUid: string,
  ownership: Ownership,
  externallyManaged: readonly string[] = [],
  epoch: Epoch = {},
): Step<T>[] {
  const byKey = new Map([...observed].map((object) => [keyOf(object), object]));
  return desired.map((object): Step<T> => {
    const present = byKey.get(keyOf(object));
    if (!present) return { action: 'create', desired: object };
    const other = otherManager(present, ownership);
    if (other) return { action: 'conflict', desired: object, observed: present, by: other };
    if (!isOurs(present, ownerUid, ownership)) return { action: 'conflict', desired: object, observed: present };
    const stale = staleness(present, ownerUid, ownership, epoch);
    if (stale) return { action: 'stale', desired: object, observed: present, staleness: stale };
    if (present.metadata.deletionTimestamp) return { action: 'wait', desired: object, observed: present };
    const returned = returnedFields(object, present, ownership).map(({ path }) => path);
    const fields = [...differences(object, present), ...returned];
    if (fields.length === 0) return { action: 'keep', desired: object, observed: present };
    const drift = hasHash(present, object, ownership) && fields.some((field) => !externallyManaged.includes(field));
    return { action: 'update', desired: object, observed: present, fields, returned, drift };
  });
}

/**
 * Plans the deletion of an object that is no longer wanted.
 *
 * @returns undefined if it is already being deleted or no longer belongs to this owner
 */
export function planDelete(
  observed: StoredObject,
  ownerUid: string,
  ownership: Ownership,
  epoch: Epoch,
): (Step & { action: 'delete' | 'stale' }) | undefined {
  if (observed.metadata.deletionTimestamp || otherManager(observed, ownership)) return undefined;
  if (controllerOf(observed)?.uid !== ownerUid) return undefined;
  const stale = staleness(observed, ownerUid, ownership, epoch);
  return stale ? { action: 'stale', observed, staleness: stale } : { action: 'delete', observed };
}

/** The other operator that manages the object according to its label. Its watch shows the object, ours does not. */
function otherManager({ metadata }: StoredObject, { fieldManager }: Ownership): string | undefined {
  const manager = metadata.labels?.[MANAGED_BY];
  return manager !== fieldManager ? manager : undefined;
}

/**
 * An object is ours if the owner controls it, or if it has no controller but our marks: its owner reference was removed, or it
 * was retained for an owner of this name.
 */
function isOurs(object: StoredObject, ownerUid: string, { fieldManager, hashAnnotation }: Ownership): boolean {
  const controller = controllerOf(object);
  if (controller) return controller.uid === ownerUid;
  if (retainedFor(object)?.uid === ownerUid) return true;
  const { labels, annotations } = object.metadata;
  return labels?.[MANAGED_BY] === fieldManager && annotations?.[hashAnnotation] !== undefined;
}
