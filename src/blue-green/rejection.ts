import type { StoredObject } from '../../operator/index.ts';
import type { RejectedStatus, RestAPI } from '../../resources/index.ts';

/** Annotations of a RestAPI by which a person says what to do with a revision, which is their value. */
export const PROMOTE = 'restapi.dev/promote';
export const REJECT = 'restapi.dev/reject';
export const RETRY = 'restapi.dev/retry';
export const SKIP_CHECKS = 'restapi.dev/skip-checks';
export const ROLLBACK_TO = 'restapi.dev/rollback-to';

/** Why a revision must not be active, or undefined if nothing speaks against it. */
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

/** The rejection that is written down, unless a retry was asked for since. */
export function keptRejection(api: StoredObject<RestAPI>): RejectedStatus | undefined {
  const rejected = api.status?.rejected;
  if (!rejected) return undefined;
  const { retried, ...rest } = rejected;
  if (api.metadata.annotations?.[RETRY] !== rejected.revision) return rest;
  return retried ? rejected : undefined;
}

/** A rejection to be written down. It counts from the next look on, when it is sure not to be lost. */
export function newRejection(
  api: StoredObject<RestAPI>,
  revision: string,
  reason: string,
  message: string,
  now: Date,
): RejectedStatus {
  const retried = api.metadata.annotations?.[RETRY] === revision;
  return { revision, reason, message, at: now.toISOString(), ...(retried && { retried }) };
}
