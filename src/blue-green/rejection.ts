import type { StoredObject } from '../../operator/index.ts';
import type { RejectedStatus, RestAPI } from '../../resources/index.ts';
import type { RejectionReason } from './release-conditions.ts';

/** Annotations by which users act on a revision; the value is its name. */
export const PROMOTE = 'restapi.dev/promote';
export const REJECT = 'restapi.dev/reject';
export const RETRY = 'restapi.dev/retry';
export const SKIP_CHECKS = 'restapi.dev/skip-checks';
export const ROLLBACK_TO = 'restapi.dev/rollback-to';

/** Why a revision is rejected; undefined: it is not. */
export function rejectionOf(
  api: StoredObject<RestAPI>,
  revision: string,
): Pick<RejectedStatus, 'reason' | 'message'> | undefined {
  if (api.metadata.annotations?.[REJECT] === revision) {
    return { reason: 'Rejected', message: `the annotation ${REJECT} is set` };
  }
  const rejected = keptRejection(api);
  return rejected?.revision === revision ? rejected : undefined;
}

/** The rejection in the status, unless a retry was requested since. */
export function keptRejection(api: StoredObject<RestAPI>): RejectedStatus | undefined {
  const rejected = api.status?.rejected;
  if (!rejected) return undefined;
  const { retried, ...rest } = rejected;
  if (api.metadata.annotations?.[RETRY] !== rejected.revision) return rest;
  return retried ? rejected : undefined;
}

/** A rejection for the status. It takes effect in the next run, when it is stored. */
export function newRejection(
  api: StoredObject<RestAPI>,
  revision: string,
  reason: RejectionReason,
  message: string,
  now: Date,
): RejectedStatus {
  const retried = api.metadata.annotations?.[RETRY] === revision;
  return { revision, reason, message, at: now.toISOString(), ...(retried && { retried }) };
}
