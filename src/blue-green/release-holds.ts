import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { OPERATOR } from './author.ts';
import { concerns } from './decision-scope.ts';
import { rejectionOf } from './rejection.ts';
import type { RejectionReason } from './release-conditions.ts';

/** What keeps the version that the spec requests from being released, until a user lets it go. */
export interface ReleaseHold {
  /** The revision that is held back. */
  revision: string;
  reason: RejectionReason | 'RollbackTo';
  /** A user by name, if it is known, or what else: `healing`. */
  by: string;
  /** RFC 3339; left out if it is not known. */
  since?: string;
  message: string;
  /** The command that lets it go. */
  command: string;
}

const HOLDERS: Readonly<Record<ReleaseHold['reason'], string>> = {
  RollbackTo: 'a user',
  Rejected: 'a user',
  CheckFailed: 'a check',
  MigrationFailed: 'its migration',
  ProgressDeadlineExceeded: 'the progress deadline',
  AutoRollback: 'the automatic rollback',
  HealingRollback: 'healing',
};

/** Returns what holds the requested version back, according to the status: a rollback first. Pure. */
export function releaseHolds(api: StoredObject<RestAPI>): ReleaseHold[] {
  const { requestedRevision, rollback } = api.status ?? {};
  if (requestedRevision === undefined) return [];
  const { name, namespace = '' } = api.metadata;
  const command = `kubectl restapi retry ${name} -n ${namespace}`;
  const holds: ReleaseHold[] = [];
  if (rollback && concerns({ revision: rollback.insteadOf, scope: rollback.scope }, requestedRevision)) {
    const { to, at, by = HOLDERS.RollbackTo } = rollback;
    const message = `Rolled back to revision ${to}`;
    holds.push({ revision: requestedRevision, reason: 'RollbackTo', by, ...(at && { since: at }), message, command });
  }
  const rejection = rejectionOf(api, requestedRevision);
  if (rejection) {
    const { at, by, message } = rejection;
    const reason = rejection.reason as RejectionReason;
    const holder = by === undefined || by === OPERATOR ? (HOLDERS[reason] ?? reason) : by;
    holds.push({ revision: requestedRevision, reason, by: holder, since: at, message, command });
  }
  return holds;
}
