import { keyOf, type StoredObject } from '../kubernetes-object.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { ifFound } from '../transport/api-error.ts';
import type { Contention } from './contention.ts';
import type { DesiredObject, Ownership } from './desired-object.ts';
import type { Step } from './plan.ts';

/** The dependencies of a step. */
export interface StepContext {
  client: ApiClient;
  type: ResourceType;
  ownerUid: string;
  ownership: Ownership;
  /** Fields that another client sets, see `Dependent.externallyManaged`. */
  externallyManaged: readonly string[];
  signal: AbortSignal;
  /** metadata.generation of the owner that the objects are rendered from. */
  generation?: number;
  /** The leadership term of the operator. */
  term?: number;
  /** Default: changes of other clients are not tracked. */
  contention?: Contention;
  /**
   * Called before an owner reference is restored: whether the owner is deleted or being deleted according to the API server. Then
   * the garbage collector may have removed the reference (`kubectl delete --cascade=orphan`). Default: it exists.
   */
  ownerIsGoing?: () => Promise<boolean>;
}

/** Applies an object, provided that it still has that version. @throws ApiError 409 if it has not */
export async function apply(
  desired: DesiredObject,
  { uid, resourceVersion }: { uid?: string; resourceVersion: string },
  { client, type, ownership: { fieldManager }, signal }: StepContext,
  dryRun = false,
): Promise<StoredObject> {
  const body = { ...desired, metadata: { ...desired.metadata, uid, resourceVersion } } as never;
  return client.apply(type, body, { fieldManager, force: true, dryRun, signal });
}

/** Reads the object of a step from the API server. */
export async function read(step: Step, { client, type, signal }: StepContext): Promise<StoredObject | undefined> {
  const { namespace, name } = metadataOf(step);
  return ifFound(client.get<StoredObject>(type, namespace, name, { signal }));
}

/** The id of an object among those of its owner. */
export function idOf(step: Step, { type }: StepContext): string {
  return `${type.plural}.${type.group}/${keyOf({ metadata: metadataOf(step) })}`;
}

function metadataOf(step: Step): { name: string; namespace?: string } {
  return ('desired' in step && step.desired ? step.desired : (step as { observed: StoredObject }).observed).metadata;
}
