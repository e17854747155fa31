import type { StoredObject } from '../../operator/index.ts';
import type { Front, RejectionStatus, RestAPI } from '../../resources/index.ts';
import { OPERATOR } from './author.ts';
import { concerns, scopeOf } from './decision-scope.ts';
import type { RejectionReason } from './release-conditions.ts';

/** Annotations by which users act on a revision; the value is its name. */
export const PROMOTE = 'restapi.dev/promote';
export const REJECT = 'restapi.dev/reject';
export const RETRY = 'restapi.dev/retry';
export const SKIP_CHECKS = 'restapi.dev/skip-checks';
export const ROLLBACK_TO = 'restapi.dev/rollback-to';

/**
 * Why a revision is rejected; undefined: it is not. A rejection holds until a user lets the version go, whatever the spec
 * requests in between.
 */
export function rejectionOf({ status }: StoredObject<RestAPI>, revision: string): RejectionStatus | undefined {
  return status?.rejections?.find((rejection) => concerns(rejection, revision));
}

/** A rejection by the operator. It takes effect in the next run, when the status has it. */
export function newRejection(
  front: Front,
  revision: string,
  reason: RejectionReason,
  message: string,
  now: Date,
): RejectionStatus {
  return { revision, scope: scopeOf(revision, front), reason, message, at: now.toISOString(), by: OPERATOR };
}

/** Rejections with another one, which replaces an earlier one about the same. */
export function withRejection(
  rejections: readonly RejectionStatus[],
  rejection: RejectionStatus | undefined,
): readonly RejectionStatus[] {
  if (!rejection) return rejections;
  return [rejection, ...rejections.filter(({ revision }) => !concerns(rejection, revision))];
}

/**
 * Bounds the rejections: the newest ones, and those of revisions in use.
 *
 * @param inUse names of revisions
 */
export function boundedRejections(
  rejections: readonly RejectionStatus[],
  limit: number,
  inUse: readonly (string | undefined)[],
): readonly RejectionStatus[] {
  return rejections.filter(
    (rejection, index) => index < limit || inUse.some((name) => name !== undefined && concerns(rejection, name)),
  );
}
