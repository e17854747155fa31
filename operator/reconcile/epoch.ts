import { ownerOf, type StoredObject } from '../kubernetes-object.ts';
import type { DesiredObject, Ownership } from './desired-object.ts';

/** How recent the knowledge of a run is. */
export interface Epoch {
  /** metadata.generation of the owner that the objects are rendered from. Default: unknown. */
  generation?: number;
  /** The leadership term of the operator. Default: no election. */
  term?: number;
}

/** Why an object must not be changed: it was written by a process with newer knowledge. */
export interface Staleness {
  /** `generation`: for a later generation of the same owner. `term`: by a later leader. */
  by: 'generation' | 'term';
  /** The value on the object. */
  observed: number;
  /** The value of this run. */
  ours: number;
}

/**
 * Checks whether an object was written with newer knowledge than this run has: then this run's cache is behind, or another
 * operator leads.
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
 * Adds the epoch and the abandoned fields to a desired object. Neither is part of its hash or of the comparison, so neither alone
 * causes a write.
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

/** Any client may write an annotation: a value that is not a whole number is ignored. */
function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
