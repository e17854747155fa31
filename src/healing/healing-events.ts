import type { EventInput } from '../../operator/index.ts';
import type { HealingRecord } from '../../resources/index.ts';

const REASONS: Record<HealingRecord['action'], string> = {
  RestartPod: 'PodRestarted',
  RestartComponent: 'ComponentRestarted',
  Rollback: 'HealingRollback',
};

/** What an action comes to, in words that begin a sentence. */
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

/** Tells of an action that was done. */
export function doneEvent(record: HealingRecord): EventInput {
  const note = `${actionWords(record)}: ${record.message}`;
  return { type: 'Normal', reason: REASONS[record.action], action: 'Heal', note };
}

/** Tells of one that the API server refused. */
export function refusedEvent({ action, target, message }: HealingRecord, why: string): EventInput {
  const note = `${action} of ${target} was refused by the API server: ${why}. Cause: ${message}`;
  return { type: 'Warning', reason: 'HealingRefused', action: 'Heal', note };
}

/** Tells that nothing is done, and why. */
export function heldEvent(reason: string, message: string): EventInput {
  return { type: 'Warning', reason: 'HealingHeld', action: 'Heal', note: `${reason}: ${message}` };
}
