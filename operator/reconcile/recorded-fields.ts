import type { StoredObject } from '../kubernetes-object.ts';
import type { DesiredObject } from './desired-object.ts';
import { stamped } from './epoch.ts';
import { givenUpFields, mergedFields, recordedFields, revertedFields } from './given-up-fields.ts';
import { appliedFields } from './managed-fields.ts';
import type { Step } from './plan.ts';
import { apply, type StepContext } from './step-context.ts';

type Update = Step & { action: 'update' };

/** With what came back together with an earlier description of ours; that is no new description then, but a repair. */
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
 * What an object is to remember as given up once it is applied. Only a new description gives anything up.
 * @param removed what was given up before and has just been taken out again
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
  // Only the server knows what goes: a field may have another owner too, or a default.
  const after = await apply(body, observed.metadata, context, true);
  return mergedFields(recorded, givenUpFields(owned, body, after, except), body, after);
}
