import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isConflict, isNotFound } from '../transport/api-error.ts';
import { fieldOf, withFields } from './carried-fields.ts';
import type { DesiredObject, Ownership } from './desired-object.ts';
import { plan, type Step } from './plan.ts';

/** A step after it was taken: what the object is like now, as far as the server said. */
export interface TakenStep {
  step: Step;
  /** The object after the step; undefined if it was deleted or the step failed. */
  object?: StoredObject;
  /** True if the server was asked to change something and did not refuse. */
  written: boolean;
}

/**
 * A resourceVersion that no stored object has: the server answers 409 to an apply that would meet an existing
 * object, and ignores it when it creates one. So a create never touches an object that the cache did not show
 * (tried on Kubernetes 1.37; optimistic locking is documented API behaviour).
 */
const NOT_THERE_YET = '1';

/** How often an object may be changed by somebody else between a look at it and the write. */
const CARRYING_TRIES = 5;

type Update = Step & { action: 'update' };

/** What taking steps needs. */
export interface StepContext {
  client: ApiClient;
  type: ResourceType;
  ownerUid: string;
  ownership: Ownership;
  /** Fields that somebody else sets, see `Dependent.carries`. */
  carries: readonly string[];
  signal: AbortSignal;
}

/**
 * Takes one step of a plan: at most one write, and none for `keep`, `wait` and `conflict`.
 *
 * A create that meets an object the cache did not show (its label was taken off, or it is somebody else's) reads
 * that object and plans again with it.
 *
 * @throws ApiError, TransportError as the server or the network answers
 */
export async function takeStep(step: Step, context: StepContext): Promise<TakenStep> {
  switch (step.action) {
    case 'create':
      return create(step, context);
    case 'update':
      return update(step, context);
    case 'delete':
      return remove(step, context);
    case 'keep':
    case 'wait':
    case 'conflict':
      return { step, object: step.observed, written: false };
  }
}

async function create(step: Step & { action: 'create' }, context: StepContext): Promise<TakenStep> {
  try {
    return await apply(step, { ...step.desired.metadata, resourceVersion: NOT_THERE_YET }, context);
  } catch (error) {
    if (!isConflict(error)) throw error;
    const { client, type, ownerUid, ownership, carries, signal } = context;
    const { namespace, name } = step.desired.metadata;
    const present = await client.get(type, namespace, name, { signal });
    const [again] = plan([step.desired], [present as StoredObject], ownerUid, ownership, carries);
    if (!again || again.action === 'create') throw error;
    return takeStep(again, context);
  }
}

async function update(step: Update, context: StepContext): Promise<TakenStep> {
  const { desired, observed } = step;
  // The uid makes the server refuse if the object was replaced by another of the same name.
  const metadata = { ...desired.metadata, uid: observed.metadata.uid };
  const carried = context.carries.filter((path) => fieldOf(desired, path) === fieldOf(observed, path));
  if (carried.length === 0) return apply(step, metadata, context);
  try {
    // Without force the server refuses where somebody else's field has another value than ours.
    return await apply(step, metadata, context, false);
  } catch (error) {
    if (!isConflict(error)) throw error;
    return updateCarrying(step, carried, context, error);
  }
}

/**
 * Somebody else changed one of the fields: what is carried is taken from what is stored now, and the write is for that
 * very version of the object.
 */
async function updateCarrying(
  step: Update,
  carried: readonly string[],
  context: StepContext,
  conflict: unknown,
): Promise<TakenStep> {
  const { client, type, ownerUid, ownership, carries, signal } = context;
  const { namespace, name } = step.desired.metadata;
  let last = conflict;
  for (let tries = 0; tries < CARRYING_TRIES; tries++) {
    const present: StoredObject = await client.get(type, namespace, name, { signal });
    if (present.metadata.uid !== step.observed.metadata.uid) throw last;
    const desired = withFields(step.desired, new Map(carried.map((path) => [path, fieldOf(present, path)])));
    const [again] = plan([desired], [present], ownerUid, ownership, carries);
    if (again?.action !== 'update') return { step: again ?? step, object: present, written: false };
    try {
      const { uid, resourceVersion } = present.metadata;
      return await apply(again, { ...desired.metadata, uid, resourceVersion }, context);
    } catch (error) {
      if (!isConflict(error)) throw error;
      last = error;
    }
  }
  throw last;
}

async function apply(
  step: Step & { desired: DesiredObject },
  metadata: KubernetesObject['metadata'],
  { client, type, ownership, signal }: StepContext,
  force = true,
): Promise<TakenStep> {
  const { fieldManager } = ownership;
  const body = { ...step.desired, metadata } as never;
  const object: StoredObject = await client.apply(type, body, { fieldManager, force, signal });
  return { step, object, written: true };
}

async function remove(step: Step & { action: 'delete' }, { client, type, signal }: StepContext): Promise<TakenStep> {
  const { namespace, name, uid } = step.observed.metadata;
  try {
    await client.delete(type, namespace, name, { uid, propagationPolicy: 'Background', signal });
    return { step, written: true };
  } catch (error) {
    // Gone already, or another object has the name by now: either way ours is not there.
    if (isNotFound(error) || isConflict(error)) return { step, written: false };
    throw error;
  }
}
