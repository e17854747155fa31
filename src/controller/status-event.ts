import type { EventInput } from '../../operator/index.ts';
import type { RestAPIStatus } from '../../resources/index.ts';

/**
 * The Event for a change of status: the RestAPI became ready, is no longer ready, or fails for another reason. Undefined
 * for changes that are not worth an Event.
 */
export function statusEvent(before: RestAPIStatus | undefined, after: RestAPIStatus): EventInput | undefined {
  const was = ready(before);
  const is = ready(after);
  if (!is) return undefined;
  if (is.status === 'True') {
    if (was?.status === 'True' && was.reason === is.reason) return undefined;
    return { type: 'Normal', reason: is.reason, action: 'Reconcile', note: is.message };
  }
  const reported = was?.reason === is.reason && before?.phase === after.phase;
  if (reported || after.phase === 'Progressing') return undefined;
  return { type: 'Warning', reason: is.reason, action: 'Reconcile', note: is.message };
}

function ready(status: RestAPIStatus | undefined) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}
