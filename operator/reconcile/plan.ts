import { controllerOf, type KubernetesObject, keyOf, retainedFor, type StoredObject } from '../kubernetes-object.ts';
import { type DesiredObject, hasHash, MANAGED_BY, type Ownership } from './desired-object.ts';
import { differences } from './differences.ts';
import { type Epoch, type Staleness, staleness } from './epoch.ts';
import { returnedFields } from './given-up-fields.ts';

/** One thing to do, or not to do, to one object. */
export type Step<T extends KubernetesObject = KubernetesObject> =
  /** It is not there: apply it, on condition that it still is not. */
  | { action: 'create'; desired: DesiredObject }
  /**
   * It is ours and `fields` differ; `drift`: the description did not change, somebody else changed the object.
   * `returned`: those of the fields that were given up and are there again.
   */
  | {
      action: 'update';
      desired: DesiredObject;
      observed: StoredObject<T>;
      fields: string[];
      returned?: string[];
      drift: boolean;
    }
  /** It is ours and as it should be. */
  | { action: 'keep'; desired: DesiredObject; observed: StoredObject<T> }
  /** It is ours, should be, and is being deleted: wait until it has gone. */
  | { action: 'wait'; desired: DesiredObject; observed: StoredObject<T> }
  /** Its name is taken by an object that is not ours; `by`: the operator that manages it, if it is another's. */
  | { action: 'conflict'; desired: DesiredObject; observed: StoredObject<T>; by?: string }
  /** It is ours and no longer wanted. */
  | { action: 'delete'; observed: StoredObject<T> }
  /** It was written for a later generation of its owner, or by a later leader: this run knows too little to touch it. */
  | { action: 'stale'; desired?: DesiredObject; observed: StoredObject<T>; staleness?: Staleness }
  /** It is ours and `fields` differ, but others change them back at once: the next write waits. */
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
 * What to do so that objects of one kind become as one owner wants them.
 * Pure: it looks at nothing but its arguments.
 *
 * @param desired what should be
 * @param observed what the cache holds under those names
 * @param ownerUid uid of the owner: only objects with this controller are ever changed
 * @param externallyManaged fields that somebody else sets: another value of theirs is no drift
 * @param epoch what was written by one that knew more is left alone
 * @returns one step for each desired object, in their order
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
 * What is to be done with an object that is no longer wanted, as it is now.
 *
 * @returns undefined if it is going already, or is no longer this owner's
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

/** The name of another operator that says it manages the object. Its watch shows the object, ours does not. */
function otherManager({ metadata }: StoredObject, { fieldManager }: Ownership): string | undefined {
  const manager = metadata.labels?.[MANAGED_BY];
  return manager !== fieldManager ? manager : undefined;
}

/**
 * Ours is what the owner controls, and what nobody controls but bears our marks: its owner was taken off there, or it
 * was retained for an owner of this name.
 */
function isOurs(object: StoredObject, ownerUid: string, { fieldManager, hashAnnotation }: Ownership): boolean {
  const controller = controllerOf(object);
  if (controller) return controller.uid === ownerUid;
  if (retainedFor(object)?.uid === ownerUid) return true;
  const { labels, annotations } = object.metadata;
  return labels?.[MANAGED_BY] === fieldManager && annotations?.[hashAnnotation] !== undefined;
}
