import type { StoredObject } from '../kubernetes-object.ts';
import { isConflict, isNotFound } from '../transport/api-error.ts';
import { fieldOf, withFields } from './carried-fields.ts';
import { allDifferences } from './contention.ts';
import { hasHash } from './desired-object.ts';
import { stamped } from './epoch.ts';
import { removalPatch } from './given-up-fields.ts';
import { plan, planDelete, type Step } from './plan.ts';
import { fieldsToRecord, withReverted } from './recorded-fields.ts';
import { apply, idOf, read, type StepContext } from './step-context.ts';
import type { Fight } from './write-brake.ts';

/** The result of a step. */
export interface TakenStep {
  step: Step;
  /** The object after the step; undefined if it was deleted or the step failed. */
  object?: StoredObject;
  /** True if the server accepted a change. */
  written: boolean;
  /** Contention over the object began or ended with this step. */
  contention?: { state: 'began' | 'ended'; fight: Fight };
  /** The ongoing contention over the object, whether the step was delayed or not. */
  fight?: Fight;
  /** When the object must be reconciled again, in milliseconds: contention over it is going on, or may be over then. */
  retryAfterMs?: number;
}

/**
 * A resourceVersion that no stored object has: the server answers 409 to an apply that would meet an existing
 * object, and ignores it when it creates one. So a create never touches an object that the cache did not show
 * (tried on Kubernetes 1.37; optimistic locking is documented API behaviour).
 */
const NOT_THERE_YET = '1';

/** How often an object may be changed by another client between read and write. */
const TRIES = 6;

type Create = Step & { action: 'create' };
type Update = Step & { action: 'update' };

/**
 * Takes one step of a plan: at most one write of the object, and none for `keep`, `wait`, `conflict`, `stale` and
 * `contended`. (An abandoned field that has returned is removed in a separate write first.)
 *
 * Each write is bound to the version of the object that was read. If the server answers that it has changed, the object
 * is read and planned again, so that an object which others write often is not a failure.
 *
 * @returns the step that was taken
 * @throws ApiError, TransportError as the server or the network answers
 */
export async function takeStep(first: Step, context: StepContext): Promise<TakenStep> {
  const taken = await takeUntilUnchanged(first, context);
  const fight = context.contention?.brake.fight(context.ownerUid, idOf(first, context));
  return fight ? { ...taken, fight } : taken;
}

async function takeUntilUnchanged(first: Step, context: StepContext): Promise<TakenStep> {
  let step: Step | undefined = first;
  const removed: string[] = [];
  for (let tries = 1; ; tries++) {
    try {
      const taken = await attempt(step, context, removed);
      const { step: done, object } = taken;
      if (done.action !== 'keep' || removed.length === 0) return taken;
      return { ...taken, step: { ...done, action: 'update', fields: removed, drift: true }, object, written: true };
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error;
      step = planAgain(first, await read(first, context), context);
      if (!step) return { step: first, written: false };
    }
  }
}

/** @param removed fields that were already removed before the server rejected the rest */
async function attempt(step: Step, context: StepContext, removed: string[]): Promise<TakenStep> {
  switch (step.action) {
    case 'create':
      return create(step, context);
    case 'update':
      return update(step, context, removed);
    case 'delete':
      return remove(step, context);
    case 'keep':
      return keep(step, context);
    default:
      return { step, object: step.observed, written: false };
  }
}

/** Plans the step for the current object. @returns undefined if it was already deleted */
function planAgain(first: Step, present: StoredObject | undefined, context: StepContext): Step | undefined {
  const { ownerUid, ownership, externallyManaged } = context;
  if (first.action === 'delete') {
    const same = present?.metadata.uid === first.observed.metadata.uid;
    return same ? planDelete(present, ownerUid, ownership, context) : undefined;
  }
  if (first.action !== 'create' && first.action !== 'update') return first;
  // Externally managed fields keep the value that is stored now, unless the controller decided on another one.
  const carried = externallyManaged.filter(
    (path) => first.action === 'create' || fieldOf(first.desired, path) === fieldOf(first.observed, path),
  );
  const desired =
    present && carried.length > 0
      ? withFields(first.desired, new Map(carried.map((path) => [path, fieldOf(present, path)])))
      : first.desired;
  return plan([desired], present ? [present] : [], ownerUid, ownership, externallyManaged, context)[0];
}

function keep(step: Step & { action: 'keep' }, context: StepContext): TakenStep {
  const { contention, ownerUid } = context;
  const taken: TakenStep = { step, object: step.observed, written: false };
  const calm = contention?.brake.calm(ownerUid, idOf(step, context));
  if (!calm) return taken;
  if (!calm.over) return { ...taken, retryAfterMs: calm.afterMs };
  return calm.fight ? { ...taken, contention: { state: 'ended', fight: calm.fight } } : taken;
}

async function create(step: Create, context: StepContext): Promise<TakenStep> {
  const { contention, ownerUid, ownership } = context;
  const id = idOf(step, context);
  const fought = contention?.isDeletedByOthers(step, ownerUid, id, ownership) ?? false;
  const held = fought && (await hold(step, context));
  if (held) return held;
  const desired = stamped(step.desired, ownership, context);
  const object = await apply(desired, { resourceVersion: NOT_THERE_YET }, context);
  remember(step, object, fought, context);
  return { step, object, written: true, ...watch(id, context) };
}

async function update(planned: Update, context: StepContext, removed: string[], fresh = false): Promise<TakenStep> {
  const { client, type, contention, ownerUid, ownership, externallyManaged, signal } = context;
  const id = idOf(planned, context);
  let step = planned;
  if (contention) {
    const left = contention.withoutRewrites(step, ownerUid, id, ownership);
    if (!left) return keep({ action: 'keep', desired: step.desired, observed: step.observed }, context);
    step = { ...left, drift: left.drift && left.fields.some((field) => !externallyManaged.includes(field)) };
  }
  const { desired } = step;
  let observed = step.observed;
  const redescribed = !hasHash(observed, desired, ownership);
  if (redescribed && fresh) step = withReverted(step, context);
  if (step.fields.some(isOwnerReference) && (await context.ownerIsGoing?.())) {
    return { step: { action: 'stale', desired, observed }, object: observed, written: false };
  }
  const fought = contention?.isFought(step, ownerUid, id, ownership) ?? false;
  const held = fought && (await hold(step, context));
  if (held) return held;
  // Caches strip managedFields, which show the fields to remove.
  if (redescribed && !fresh) {
    const again = planAgain(step, await read(step, context), context) as Step;
    return again.action === 'update' ? update(again, context, removed, true) : attempt(again, context, removed);
  }
  const { returned = [] } = step;
  if (returned.length > 0) {
    const { namespace, name } = desired.metadata;
    const options = { fieldManager: ownership.fieldManager, retry: 'idempotent', signal } as const;
    observed = await client.jsonPatch(type, namespace, name, removalPatch(observed, returned), options);
    removed.push(...returned);
  }
  let object = observed;
  if (redescribed || step.fields.length > returned.length) {
    const givenUp = await fieldsToRecord(desired, removed, observed, redescribed, context);
    object = await apply(stamped(desired, ownership, context, givenUp), observed.metadata, context);
  }
  const rewritten = remember(step, object, fought, context);
  if (object.metadata.resourceVersion === step.observed.metadata.resourceVersion) {
    return { step: { action: 'keep', desired, observed: object }, object, written: false, ...watch(id, context) };
  }
  const repaired = [...new Set([...removed, ...step.fields])].filter((field) => !rewritten.has(field));
  const drift = (step.drift || removed.length > 0) && repaired.length > 0;
  const done = { ...step, fields: drift ? repaired : step.fields, drift };
  return { step: done, object, written: true, ...watch(id, context) };
}

async function remove(planned: Step & { action: 'delete' }, context: StepContext): Promise<TakenStep> {
  const { client, type, ownerUid, ownership, signal } = context;
  const step = planDelete(planned.observed, ownerUid, ownership, context);
  if (!step) return { step: planned, written: false };
  if (step.action === 'stale') return { step, object: step.observed, written: false };
  const { namespace, name, uid, resourceVersion } = step.observed.metadata;
  try {
    await client.delete(type, namespace, name, { uid, resourceVersion, propagationPolicy: 'Background', signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return { step, written: false };
  }
  context.contention?.forget(ownerUid, idOf(step, context));
  return { step, written: true };
}

/** @returns the step in place of a delayed repair; undefined if the repair may be made now */
async function hold(step: Create | Update, context: StepContext): Promise<TakenStep | undefined> {
  const { contention, ownerUid, ownership } = context;
  const id = idOf(step, context);
  const waitMs = contention?.brake.waitMs(ownerUid, id) ?? 0;
  if (!contention || waitMs === 0) return undefined;
  const held = await contention.hold(step, ownerUid, id, waitMs, ownership, () => read(step, context));
  const { fields, who, observed } = held.step;
  return {
    step: held.step,
    object: observed,
    written: false,
    retryAfterMs: waitMs,
    ...(held.began && { contention: { state: 'began', fight: { fields, who } } }),
  };
}

/** After a write during contention: when to check whether it is over. */
function watch(id: string, { contention, ownerUid }: StepContext): { retryAfterMs?: number } {
  const calm = contention?.brake.calm(ownerUid, id);
  return calm?.over === false ? { retryAfterMs: calm.afterMs } : {};
}

/** Records a write. @returns the fields that were stored with another value than was sent */
function remember(step: Create | Update, object: StoredObject, fought: boolean, context: StepContext): Set<string> {
  const { contention, ownerUid, ownership } = context;
  if (!contention) return new Set();
  const id = idOf(step, context);
  const hash = step.desired.metadata.annotations[ownership.hashAnnotation] ?? '';
  if (fought) contention.brake.repaired(ownerUid, id, hash);
  else contention.brake.wrote(ownerUid, id, hash);
  const left = allDifferences(step, object, ownership);
  contention.rewrites.wrote(ownerUid, id, object.metadata.uid, left);
  return new Set(left.map(({ path }) => path));
}

function isOwnerReference(path: string): boolean {
  return path.startsWith('metadata.ownerReferences');
}
