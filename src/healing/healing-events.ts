import type { EventOf, EventTable } from '../../operator/events/event-table.ts';
import type { HealingRecord } from '../../resources/index.ts';

/** The Events about healing. */
export const HEALING_EVENTS = {
  PodRestarted: { type: 'Normal', when: 'Healing replaced a stuck pod.' },
  ComponentRestarted: { type: 'Normal', when: 'Healing replaces all pods of a component.' },
  HealingRollback: { type: 'Normal', when: 'Healing rejected the active revision to roll back.' },
  HealingRefused: { type: 'Warning', when: 'The API server refused an action of healing.' },
  HealingHeld: {
    type: 'Warning',
    when: 'Healing does not act; the note starts with the reason of the condition `HealingHeld`. Not for `NotAskedFor`.',
  },
} as const satisfies EventTable;

type HealingEvent = EventOf<typeof HEALING_EVENTS>;

const REASONS: Record<HealingRecord['action'], HealingEvent['reason']> = {
  RestartPod: 'PodRestarted',
  RestartComponent: 'ComponentRestarted',
  Rollback: 'HealingRollback',
};

/** Describes an action as the beginning of a sentence. */
export function actionWords({ action, target }: Pick<HealingRecord, 'action' | 'target'>): string {
  switch (action) {
    case 'RestartPod':
      return `Pod ${target} was replaced`;
    case 'RestartComponent':
      return `The pods of Deployment ${target} are being replaced`;
    case 'Rollback':
      return `Revision ${target} was rejected`;
  }
}

/** The Event for an executed action. */
export function doneEvent(record: HealingRecord): HealingEvent {
  const note = `${actionWords(record)}: ${record.message}${endWords(record)}`;
  return { type: 'Normal', reason: REASONS[record.action], action: 'Heal', note };
}

/** Describes how the container of the unhealthy pod last ended: with the pod, this is lost. */
function endWords({ lastTermination }: HealingRecord): string {
  if (!lastTermination) return '';
  const { container, exitCode, reason, message } = lastTermination;
  const why = reason ? `, ${reason}` : '';
  return `. Container ${container} last ended with exit code ${exitCode}${why}${message ? `: ${message}` : ''}`;
}

/** The Event for an action that the API server refused. */
export function refusedEvent({ action, target, message }: HealingRecord, why: string): HealingEvent {
  const note = `${action} of ${target} was refused by the API server: ${why}. Cause: ${message}`;
  return { type: 'Warning', reason: 'HealingRefused', action: 'Heal', note };
}

/** The Event for healing that is held. */
export function heldEvent(reason: string, message: string): HealingEvent {
  return { type: 'Warning', reason: 'HealingHeld', action: 'Heal', note: `${reason}: ${message}` };
}
