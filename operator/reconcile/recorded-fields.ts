import type { StoredObject } from '../kubernetes-object.ts';
import type { DesiredObject } from './desired-object.ts';
import { stamped } from './epoch.ts';
import { givenUpFields, mergedFields, recordedFields, revertedFields } from './given-up-fields.ts';
import { appliedFields } from './managed-fields.ts';
import type { Step } from './plan.ts';
import { apply, type StepContext } from './step-context.ts';

type Update = Step & { action: 'update' };

/** Adds the fields that returned with an earlier description of ours; the step is then a repair. */
export function withReverted(step: Update, context: StepContext): Update {
  const reverted = revertedFields(step.observed, step.desired, context.ownership, neverGivenUp(context));
  if (reverted.length === 0) return step;
  const returned = [...new Set([...(step.returned ?? []), ...reverted])];
  const hash = `metadata.annotations.${context.ownership.hashAnnotation}`;
  const fields = [...new Set([...step.fields, ...returned])].filter((path) => path !== hash);
  return { ...step, fields, returned, drift: true };
}

function neverGivenUp({ ownership, externallyManaged }: StepContext): ReadonlySet<string> {
  const { generationAnnotation, termAnnotation, givenUpAnnotation, retainedAnnotation } = ownership;
  const own = [generationAnnotation, termAnnotation, givenUpAnnotation, retainedAnnotation];
  return new Set([...externallyManaged, ...own.map((name) => `metadata.annotations.${name}`)]);
}

/**
 * Returns the abandoned fields to record when an object is applied. Only a new description abandons fields.
 * @param removed fields that were abandoned before and have just been removed again
 */
export async function fieldsToRecord(
  desired: DesiredObject,
  removed: readonly string[],
  observed: StoredObject,
  redescribed: boolean,
  context: StepContext,
): Promise<string[]> {
  const { ownership } = context;
  const recorded = [...recordedFields(observed, ownership), ...removed];
  const body = stamped(desired, ownership, context);
  const owned = redescribed ? appliedFields(observed, ownership.fieldManager) : {};
  const except = neverGivenUp(context);
  if (givenUpFields(owned, body, {}, except).length === 0) return mergedFields(recorded, [], body, observed);
  // Only the server knows which fields disappear: a field may have another owner or a default.
  const after = await apply(body, observed.metadata, context, true);
  return mergedFields(recorded, givenUpFields(owned, body, after, except), body, after);
}
