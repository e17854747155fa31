import { controllerOf, type KubernetesObject, retainedFor, type StoredObject } from '../kubernetes-object.ts';
import { type DesiredObject, MANAGED_BY, type Ownership } from './desired-object.ts';
import { differences } from './differences.ts';

/** One thing to do, or not to do, to one object. */
export type Step<T extends KubernetesObject = KubernetesObject> =
  /** It is not there: apply it, on condition that it still is not. */
  | { action: 'create'; desired: DesiredObject }
  /** It is ours and `fields` differ; `drift`: the description did not change, somebody else changed the object. */
  | { action: 'update'; desired: DesiredObject; observed: StoredObject<T>; fields: string[]; drift: boolean }
  /** It is ours and as it should be. */
  | { action: 'keep'; desired: DesiredObject; observed: StoredObject<T> }
  /** It is ours, should be, and is being deleted: wait until it has gone. */
  | { action: 'wait'; desired: DesiredObject; observed: StoredObject<T> }
  /** Its name is taken by an object that is not ours. */
  | { action: 'conflict'; desired: DesiredObject; observed: StoredObject<T> }
  /** It is ours and no longer wanted. */
  | { action: 'delete'; observed: StoredObject<T> };

/**
 * What to do so that objects of one kind become as one owner wants them.
 * Pure: it looks at nothing but its arguments.
 *
 * @param desired what should be
 * @param observed what the cache holds under those names
 * @param ownerUid uid of the owner: only objects with this controller are ever changed
 * @param carries fields that somebody else sets: another value of theirs is no drift
 * @returns one step for each desired object, in their order
 */
export function plan<T extends KubernetesObject>(
  desired: readonly DesiredObject[],
  observed: Iterable<StoredObject<T>>,
  ownerUid: string,
  ownership: Ownership,
  carries: readonly string[] = [],
): Step<T>[] {
  const byName = new Map([...observed].map((object) => [object.metadata.name, object]));
  return desired.map((object): Step<T> => {
    const present = byName.get(object.metadata.name);
    if (!present) return { action: 'create', desired: object };
    if (!isOurs(present, ownerUid, ownership)) return { action: 'conflict', desired: object, observed: present };
    if (present.metadata.deletionTimestamp) return { action: 'wait', desired: object, observed: present };
    const fields = differences(object, present);
    if (fields.length === 0) return { action: 'keep', desired: object, observed: present };
    const applied = present.metadata.annotations?.[ownership.hashAnnotation];
    const unchanged = applied === object.metadata.annotations[ownership.hashAnnotation];
    const drift = unchanged && fields.some((field) => !carries.includes(field));
    return { action: 'update', desired: object, observed: present, fields, drift };
  });
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
