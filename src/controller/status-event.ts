import type { EventInput } from '../../operator/index.ts';
import type { RestAPIStatus } from '../../resources/index.ts';

/**
 * The Event to write when a RestAPI's status goes from one to the other: when it becomes ready, stops being so, or
 * fails for another reason than before. Undefined where a person would not want to be told.
 */
export function statusEvent(before: RestAPIStatus | undefined, after: RestAPIStatus): EventInput | undefined {
  const was = ready(before);
  const is = ready(after);
  if (!is) return undefined;
  if (is.status === 'True') {
    if (was?.status === 'True' && was.reason === is.reason) return undefined;
    return { type: 'Normal', reason: is.reason, action: 'Reconcile', note: is.message };
  }
  const told = was?.reason === is.reason && before?.phase === after.phase;
  if (told || after.phase === 'Progressing') return undefined;
  return { type: 'Warning', reason: is.reason, action: 'Reconcile', note: is.message };
}

function ready(status: RestAPIStatus | undefined) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}
