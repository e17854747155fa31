import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI, Revision, RollbackStatus } from '../../resources/index.ts';
import { ROLLBACK_TO } from './rejection.ts';
import type { ReleaseCondition } from './release-conditions.ts';

type RolledBack = Extract<ReleaseCondition, { type: 'RolledBack' }>;

/** The revision a user wants active. */
export interface Goal {
  revision: Revision;
  /** For the status; it takes effect once it is there. */
  rollback?: RollbackStatus;
  conditions: RolledBack[];
}

/**
 * Returns the revision of the spec, or the one that the annotation restapi.dev/rollback-to names instead. The annotation
 * refers to the spec at the time it was set: a newer spec is released as usual.
 *
 * @param requested the revision of the current spec
 * @param find finds a revision by name
 */
export function goalOf(
  api: StoredObject<RestAPI>,
  requested: Revision,
  find: (name: string | undefined) => Revision | undefined,
): Goal {
  const name = api.metadata.annotations?.[ROLLBACK_TO];
  if (name === undefined) return { revision: requested, conditions: [] };
  const written = api.status?.rollback?.to === name ? api.status.rollback : undefined;
  const rollback = written ?? { to: name, insteadOf: requested.name };
  if (rollback.insteadOf !== requested.name || name === requested.name)
    return { revision: requested, rollback, conditions: [] };
  const revision = find(name);
  if (!revision) {
    const message = `The annotation ${ROLLBACK_TO} names revision ${name}, which does not exist; list the revisions with kubectl get controllerrevisions -l restapi.dev/name=${api.metadata.name}`;
    return { revision: requested, rollback, conditions: [condition('False', 'UnknownRevision', message)] };
  }
  const message = `Rolling back to revision ${name} instead of ${requested.name}, which the spec requests. Change the spec or remove the annotation ${ROLLBACK_TO} to release the spec again`;
  return {
    revision: written ? revision : requested,
    rollback,
    conditions: [condition('True', 'RollbackTo', message)],
  };
}

function condition(status: 'True' | 'False', reason: RolledBack['reason'], message: string): RolledBack {
  return { type: 'RolledBack', status, reason, message };
}
