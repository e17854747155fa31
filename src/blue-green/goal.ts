import type { ConditionInput, StoredObject } from '../../operator/index.ts';
import type { RestAPI, Revision, RollbackStatus } from '../../resources/index.ts';
import { ROLLBACK_TO } from './rejection.ts';

/** Which revision is to be active, were it up to the person who looks after the RestAPI. */
export interface Goal {
  revision: Revision;
  /** To be written down; what is not yet written down does not count. */
  rollback?: RollbackStatus;
  conditions: ConditionInput[];
}

/**
 * What the spec asks for, or the revision that the annotation restapi.dev/rollback-to names instead. The annotation is
 * about the spec as it was when it was set: a newer one is released as ever.
 *
 * @param asked the revision that the spec asks for
 * @param known a revision by its name
 */
export function goalOf(
  api: StoredObject<RestAPI>,
  asked: Revision,
  known: (name: string | undefined) => Revision | undefined,
): Goal {
  const name = api.metadata.annotations?.[ROLLBACK_TO];
  if (name === undefined) return { revision: asked, conditions: [] };
  const written = api.status?.rollback?.to === name ? api.status.rollback : undefined;
  const rollback = written ?? { to: name, insteadOf: asked.name };
  if (rollback.insteadOf !== asked.name || name === asked.name) return { revision: asked, rollback, conditions: [] };
  const revision = known(name);
  if (!revision) {
    const message = `The annotation ${ROLLBACK_TO} names revision ${name}, which does not exist; list the revisions with kubectl get controllerrevisions -l restapi.dev/name=${api.metadata.name}`;
    return { revision: asked, rollback, conditions: [condition('False', 'UnknownRevision', message)] };
  }
  const message = `Rolling back to revision ${name} instead of ${asked.name}, which the spec requests. Change the spec or remove the annotation ${ROLLBACK_TO} to release the spec again`;
  return {
    revision: written ? revision : asked,
    rollback,
    conditions: [condition('True', 'RollbackTo', message)],
  };
}

function condition(status: 'True' | 'False', reason: string, message: string): ConditionInput {
  return { type: 'RolledBack', status, reason, message };
}
