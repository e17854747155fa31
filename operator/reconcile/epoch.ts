import { ownerOf, type StoredObject } from '../kubernetes-object.ts';
import type { DesiredObject, Ownership } from './desired-object.ts';

/** How new the knowledge is that a run acts by. */
export interface Epoch {
  /** metadata.generation of the owner that the objects are rendered from. Left out: nothing is known of it. */
  generation?: number;
  /** The leadership term of the operator. Left out: there is no election. */
  term?: number;
}

/** Why an object must not be touched: it was written by one that knew more. */
export interface Staleness {
  /** `generation`: for a later generation of the same owner. `term`: by a later leader. */
  by: 'generation' | 'term';
  /** What the object bears. */
  observed: number;
  /** What this run has. */
  ours: number;
}

/**
 * Whether an object was written by one that knew more than this run does: then this run's cache is behind, or another
 * operator leads by now.
 *
 * @param ownerUid generations are only compared if the object belongs to this very owner
 */
export function staleness(
  object: StoredObject,
  ownerUid: string,
  { generationAnnotation, termAnnotation }: Ownership,
  { generation, term }: Epoch,
): Staleness | undefined {
  const annotations = object.metadata.annotations ?? {};
  const madeFor = ownerOf(object)?.uid === ownerUid ? numberIn(annotations[generationAnnotation]) : undefined;
  if (generation !== undefined && madeFor !== undefined && madeFor > generation) {
    return { by: 'generation', observed: madeFor, ours: generation };
  }
  const writtenIn = numberIn(annotations[termAnnotation]);
  if (term !== undefined && writtenIn !== undefined && writtenIn > term) {
    return { by: 'term', observed: writtenIn, ours: term };
  }
  return undefined;
}

/**
 * What is sent for a desired object: with the epoch, and with the fields it gave up. Neither is part of its hash or of what is
 * compared, so neither alone is a reason for a write.
 */
export function stamped(
  desired: DesiredObject,
  { generationAnnotation, termAnnotation, givenUpAnnotation }: Ownership,
  { generation, term }: Epoch,
  givenUp: readonly string[] = [],
): DesiredObject {
  const annotations = {
    ...desired.metadata.annotations,
    ...(generation !== undefined && { [generationAnnotation]: String(generation) }),
    ...(term !== undefined && { [termAnnotation]: String(term) }),
    ...(givenUp.length > 0 && { [givenUpAnnotation]: JSON.stringify(givenUp) }),
  };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}

/** Anybody may write an annotation: what is no whole number says nothing. */
function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
