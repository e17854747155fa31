import type { Fight } from '../reconcile/write-brake.ts';
import type { FrameworkEvent } from './framework-events.ts';

/** The Event on a primary about a generated object whose drift was reverted. */
export function driftEvent(kind: string, name: string, fields: readonly string[]): FrameworkEvent {
  return {
    type: 'Normal',
    reason: 'Repaired',
    action: 'Apply',
    note: `Reverted a change by another client to ${kind} ${name}: ${shownFields(fields)}. Change the resource that it is generated from instead.`,
  };
}

/** The Event on a primary when another client starts or stops changing a generated object after every write. */
export function contentionEvent(
  kind: string,
  name: string,
  state: 'began' | 'ended',
  { fields, who }: Fight,
): FrameworkEvent {
  const what = fields.length > 0 ? `${shownFields(fields)} of ${kind} ${name}` : `${kind} ${name}`;
  const note =
    state === 'began'
      ? `${who} keeps changing ${what}. The operator now reverts it with growing delays. Stop the other writer, or change ` +
        'the resource that the object is generated from.'
      : `No other client has changed ${what} for a while. The operator reverts changes immediately again.`;
  return { type: state === 'began' ? 'Warning' : 'Normal', reason: 'Contended', action: 'Apply', note };
}

function shownFields(fields: readonly string[]): string {
  return fields.slice(0, 5).join(', ') + (fields.length > 5 ? ` and ${fields.length - 5} more` : '');
}
