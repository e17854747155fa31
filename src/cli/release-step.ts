import type { StoredObject } from '../../operator/index.ts';
import type { ReleaseStatus, RestAPI } from '../../resources/index.ts';
import { PROMOTE, REJECT, RETRY, ROLLBACK_TO, rejectionOf, SKIP_CHECKS } from '../blue-green/rejection.ts';
import { reportedActive } from '../blue-green/release-status.ts';
import { OutdatedStatusError } from './outdated-status-error.ts';

/** A change of a RestAPI that controls its releases. */
export interface ReleaseStep {
  /** Describes the effect; printed after the name of the RestAPI. */
  message: string;
  /** Annotations to set, or to remove (null). They may be set or missing already. */
  annotations?: Record<string, string | null>;
  /** spec.blueGreen.paused. */
  paused?: boolean;
  /** What `--wait` waits for: this revision is active, or no release is in progress. */
  until?: { active: string } | 'no release';
}

type Api = StoredObject<RestAPI>;

/** Promotes the release in progress once it is ready. @throws Error for the user if there is nothing to promote */
export function promoteStep(api: Api, named: string | undefined, skipChecks: boolean): ReleaseStep {
  const { revision, phase, environment, queuedAt } = releaseInProgress(api, 'promote');
  refuseOther(api, named, revision);
  if (phase === 'RollingBack')
    throw new Error(`${who(api)} is rolling back to revision ${revision}, which needs no promotion`);
  if (api.spec.blueGreen?.paused) {
    throw new Error(
      `${who(api)} is paused and promotes nothing. Run kubectl restapi resume ${api.metadata.name} first`,
    );
  }
  const unchecked = skipChecks ? ', skipping its checks' : '';
  const givenUp =
    phase === 'Queued' && api.status?.trial
      ? `; the trial of revision ${api.status.trial.revision} ends, without a rollback to ${api.status.trial.proven}`
      : '';
  const atOnce = queuedAt === undefined ? '' : '; it begins at once, before releases of other RestAPIs';
  return {
    message: `revision ${revision} in environment ${environment} will be promoted as soon as it is ready${unchecked}${givenUp}${atOnce}`,
    annotations: { [PROMOTE]: revision, ...(skipChecks && { [SKIP_CHECKS]: revision }) },
    until: { active: revision },
  };
}

/** Aborts the release in progress. @throws Error for the user if there is none */
export function abortStep(api: Api, named: string | undefined): ReleaseStep {
  const { revision, phase, environment } = releaseInProgress(api, 'abort');
  refuseOther(api, named, revision);
  if (phase === 'RollingBack') {
    throw new Error(
      `${who(api)} is already rolling back to revision ${revision}. To release the rejected revision again, run kubectl restapi retry ${api.metadata.name}`,
    );
  }
  // Otherwise a later retry of the revision would be promoted at once.
  return {
    message: `aborting the release of revision ${revision} in environment ${environment}`,
    annotations: { [REJECT]: revision, ...without(api, [PROMOTE, SKIP_CHECKS], revision) },
    until: 'no release',
  };
}

/** The revisions that a rollback can choose from. */
export interface Past {
  /** The previously active revision, as recorded in the front Service. */
  previous: string | undefined;
  /** Names of the stored revisions. */
  kept: readonly string[];
}

/**
 * Rolls back to the previous revision, or to a revision by name.
 *
 * A rollback to the previous revision rejects the active one, so it stays rejected if the spec requests another version in
 * between. A rollback by name takes precedence over the spec.
 *
 * @throws Error for the user if there is nothing to roll back to
 */
export function rollbackStep(api: Api, named: string | undefined, { previous, kept }: Past): ReleaseStep {
  refuseUnlessReleased(api);
  const { name } = api.metadata;
  const active = reportedActive(api.status);
  if (!active?.revision) throw new Error(`${who(api)} has no active revision yet: nothing to roll back from`);
  if (named === active.revision) throw new Error(`revision ${named} of ${who(api)} is already active`);
  if (named === undefined) {
    const { release } = api.status ?? {};
    if (release?.phase === 'RollingBack')
      throw new Error(`${who(api)} is already rolling back to revision ${release.revision}`);
    if (release && release.phase !== 'Queued') {
      throw new Error(
        `${who(api)} has a release of revision ${release.revision} in progress. Run kubectl restapi abort ${name} to abort it, or name the revision to roll back to`,
      );
    }
    if (!release && !runsRequestedRevision(api)) {
      throw new Error(
        `the requested revision of ${who(api)} is already aborted or rolled back, and revision ${active.revision} is active. To roll back further, name a revision (see kubectl restapi history ${name})`,
      );
    }
  }
  const to = named ?? previous;
  if (to === undefined || to === active.revision)
    throw new Error(`${who(api)} has had no other active revision: nothing to roll back to`);
  if (!kept.includes(to)) {
    const available = kept.filter((one) => one !== active.revision);
    throw new Error(`${who(api)} has no revision ${to}; available: ${available.join(', ') || 'none'}`);
  }
  const { release } = api.status ?? {};
  // A queued release waits for the active revision, which was the requested one when it was promoted.
  const isReleased = release ? release.phase === 'Queued' : runsRequestedRevision(api);
  const rejection = rejectionOf(api, to);
  const goesBack = named === undefined || (named === previous && isReleased);
  if (named === undefined && rejection) {
    throw new Error(
      `revision ${to} of ${who(api)} was rejected before: ${rejection.message}. To roll back to it all the same, name it: kubectl restapi rollback ${name} ${to}`,
    );
  }
  if (goesBack && !rejection) {
    return {
      message: `rolling back to revision ${to}; revision ${active.revision} is rejected${release ? `. Revision ${release.revision}, which the spec requests, is released after that` : ''}`,
      annotations: { [REJECT]: active.revision, ...without(api, [PROMOTE, SKIP_CHECKS], active.revision) },
      until: { active: to },
    };
  }
  return {
    message: `rolling back to revision ${to} until the spec requests another version or you run kubectl restapi retry ${name}`,
    annotations: { [ROLLBACK_TO]: to, ...without(api, [REJECT], to) },
    until: { active: to },
  };
}

/**
 * Lets a version go: releases a rejected or rolled back revision again, or repeats the failed checks of a release.
 *
 * @throws Error for the user if there is none
 */
export function retryStep(api: Api): ReleaseStep {
  refuseUnlessReleased(api);
  const { annotations = {} } = api.metadata;
  const { checks, release, requestedRevision, rollback } = api.status ?? {};
  const letGo = (revision: string, message: string): ReleaseStep => ({
    message,
    // Requests that the operator has not accepted yet are withdrawn.
    annotations: {
      ...(annotations[ROLLBACK_TO] !== undefined && { [ROLLBACK_TO]: null }),
      ...without(api, [REJECT, PROMOTE, SKIP_CHECKS], revision),
      [RETRY]: revision,
    },
    until: { active: revision },
  });
  const requested = requestedRevision ?? rollback?.insteadOf;
  const isHeld = requested !== undefined && (rejectionOf(api, requested) || annotations[REJECT] === requested);
  if (requested !== undefined && (rollback || annotations[ROLLBACK_TO] !== undefined)) {
    return letGo(requested, `releasing revision ${requested} again, as the spec requests it`);
  }
  if (isHeld) return letGo(requested, `releasing revision ${requested} again`);
  // A new configuration of the version that serves.
  const [newest] = api.status?.rejections ?? [];
  if (isTrue(api, 'Aborted') && newest) {
    return letGo(newest.revision, `releasing revision ${newest.revision} again`);
  }
  if (release && checks?.result === 'Failed' && checks.revision === release.revision) {
    return letGo(release.revision, `repeating the checks of revision ${release.revision}`);
  }
  throw new Error(`${who(api)} has no aborted or rolled back revision and no failed checks: nothing to retry`);
}

/** Pauses releases before promotion, or resumes them. @throws Error for the user without blue-green releases */
export function pauseStep(api: Api, paused: boolean): ReleaseStep {
  if (!api.spec.blueGreen?.enabled) throw new Error(withoutReleases(api));
  const which = api.status?.release ? `the release of revision ${api.status.release.revision}` : 'the next release';
  const { autoPromotion } = api.spec.blueGreen;
  const then = autoPromotion.enabled ? '' : ' and waits for kubectl restapi promote';
  return {
    message: paused ? `${which} is paused before promotion; rollbacks still work` : `${which} is resumed${then}`,
    paused,
  };
}

function releaseInProgress(api: Api, verb: string): ReleaseStatus {
  refuseUnlessReleased(api);
  const { release } = api.status ?? {};
  if (release) return release;
  const { name } = api.metadata;
  const active = reportedActive(api.status)?.revision;
  const is = active ? `. Revision ${active} is active` : '';
  const aborted = isTrue(api, 'Aborted')
    ? `. The requested revision was aborted; to release it again, run kubectl restapi retry ${name}`
    : '';
  throw new Error(`${who(api)} has no release in progress: nothing to ${verb}${is}${aborted}`);
}

function refuseOther(api: Api, named: string | undefined, revision: string): void {
  if (named === undefined || named === revision) return;
  throw new Error(`${who(api)} is releasing revision ${revision}, not ${named}`);
}

function refuseUnlessReleased(api: Api): void {
  if (!api.spec.blueGreen?.enabled) throw new Error(withoutReleases(api));
  // The choice depends on a status that is up to date.
  if (api.status?.observedGeneration !== api.metadata.generation) throw new OutdatedStatusError(api);
}

function withoutReleases(api: Api): string {
  return `${who(api)} has no blue-green releases (spec.blueGreen.enabled is false): a change of its spec replaces its pods directly`;
}

/** Whether the revision that the spec requests is active. */
function runsRequestedRevision(api: Api): boolean {
  return isTrue(api, 'Promoted') && !isTrue(api, 'RolledBack') && !isTrue(api, 'Aborted');
}

function isTrue(api: Api, condition: string): boolean {
  return api.status?.conditions?.some(({ type, status }) => type === condition && status === 'True') ?? false;
}

/** Removals of the annotations that name this revision. */
function without(api: Api, names: readonly string[], revision: string): Record<string, null> {
  const found = names.filter((name) => api.metadata.annotations?.[name] === revision);
  return Object.fromEntries(found.map((name) => [name, null]));
}

function who({ metadata: { namespace, name } }: Api): string {
  return `RestAPI ${namespace}/${name}`;
}
