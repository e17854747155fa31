import type { StoredObject } from '../kubernetes-object.ts';
import { isOrphaning } from '../kubernetes-object.ts';
import { traced } from '../tracing/tracer.ts';
import { takeStep } from './apply-step.ts';
import { type ActiveDependent, controlledBy, namesOf, stepContext, type WorkflowContext } from './workflow.ts';

/**
 * Deletes everything generated for one primary, last level first. Nothing is deleted if the primary was deleted with
 * `--cascade=orphan`.
 *
 * @returns the number of objects that still have to be deleted
 */
export async function runCleanup(
  levels: readonly ActiveDependent[][],
  primary: StoredObject,
  context: WorkflowContext,
): Promise<number> {
  if (isOrphaning(primary)) return 0;
  const found = [...new Map(levels.flat().map((dependent) => [dependent.cache, dependent])).values()].flatMap(
    (dependent) => controlledBy(primary, dependent.cache).map((object) => ({ dependent, object })),
  );
  const order = levels.map((level) => new Set(level.map(({ dependentClass }) => dependentClass.name)));
  const levelOf = (object: StoredObject) => {
    const author = object.metadata.annotations?.[context.ownership.dependentAnnotation] ?? '';
    const level = order.findIndex((names) => names.has(author));
    // From a class that no longer exists: no dependent can depend on it.
    return level < 0 ? order.length : level;
  };
  const last = Math.max(...found.map(({ object }) => levelOf(object)));
  await Promise.all(
    found
      .filter(({ object }) => levelOf(object) === last && !object.metadata.deletionTimestamp)
      .map(async ({ dependent, object }) => {
        const work = () => takeStep({ action: 'delete', observed: object }, stepContext(dependent, primary, context));
        const attributes = () => ({ ...namesOf(dependent), 'dependent.objects': [`delete ${object.metadata.name}`] });
        const taken = await traced(context.tracer, `dependent ${dependent.dependentClass.name}`, attributes, work);
        if (taken.written) context.onWritten(dependent, taken);
      }),
  );
  return found.length;
}
