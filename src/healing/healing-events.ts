import type { EventInput } from '../../operator/index.ts';
import type { HealingRecord } from '../../resources/index.ts';

const REASONS: Record<HealingRecord['action'], string> = {
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
export function doneEvent(record: HealingRecord): EventInput {
  const note = `${actionWords(record)}: ${record.message}`;
  return { type: 'Normal', reason: REASONS[record.action], action: 'Heal', note };
}

/** The Event for an action that the API server refused. */
export function refusedEvent({ action, target, message }: HealingRecord, why: string): EventInput {
  const note = `${action} of ${target} was refused by the API server: ${why}. Cause: ${message}`;
  return { type: 'Warning', reason: 'HealingRefused', action: 'Heal', note };
}

/** The Event for healing that is held. */
export function heldEvent(reason: string, message: string): EventInput {
  return { type: 'Warning', reason: 'HealingHeld', action: 'Heal', note: `${reason}: ${message}` };
}
