import { keyOf, type StoredObject } from '../kubernetes-object.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isNotFound } from '../transport/api-error.ts';
import type { Contention } from './contention.ts';
import type { DesiredObject, Ownership } from './desired-object.ts';
import type { Step } from './plan.ts';

/** What taking steps needs. */
export interface StepContext {
  client: ApiClient;
  type: ResourceType;
  ownerUid: string;
  ownership: Ownership;
  /** Fields that somebody else sets, see `Dependent.externallyManaged`. */
  externallyManaged: readonly string[];
  signal: AbortSignal;
  /** metadata.generation of the owner that the objects are rendered from. */
  generation?: number;
  /** The leadership term of the operator. */
  term?: number;
  /** Left out: nothing is remembered of others' changes. */
  contention?: Contention;
  /**
   * Asked before an owner reference is put back: whether the API server says that the owner is gone or going. Then the
   * garbage collector may have taken the reference off (`kubectl delete --cascade=orphan`). Left out: it is there.
   */
  ownerIsGoing?: () => Promise<boolean>;
}

/** Applies an object, on condition that it still is of that version. @throws ApiError 409 if it is not */
export async function apply(
  desired: DesiredObject,
  { uid, resourceVersion }: { uid?: string; resourceVersion: string },
  { client, type, ownership: { fieldManager }, signal }: StepContext,
  dryRun = false,
): Promise<StoredObject> {
  const body = { ...desired, metadata: { ...desired.metadata, uid, resourceVersion } } as never;
  return client.apply(type, body, { fieldManager, force: true, dryRun, signal });
}

/** The object of a step as the API server has it now. */
export async function read(step: Step, { client, type, signal }: StepContext): Promise<StoredObject | undefined> {
  const { namespace, name } = metadataOf(step);
  try {
    return await client.get<StoredObject>(type, namespace, name, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Names an object among those of its owner. */
export function idOf(step: Step, { type }: StepContext): string {
  return `${type.plural}.${type.group}/${keyOf({ metadata: metadataOf(step) })}`;
}

function metadataOf(step: Step): { name: string; namespace?: string } {
  return ('desired' in step && step.desired ? step.desired : (step as { observed: StoredObject }).observed).metadata;
}
