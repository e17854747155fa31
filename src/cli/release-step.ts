import type { StoredObject } from '../../operator/index.ts';
import type { ReleaseStatus, RestAPI } from '../../resources/index.ts';
import { PROMOTE, REJECT, RETRY, ROLLBACK_TO, SKIP_CHECKS } from '../blue-green/rejection.ts';
import { reportedActive } from '../blue-green/release-status.ts';

/** One change of a RestAPI by which a person steers its releases. */
export interface ReleaseStep {
  /** What it comes to, in words that follow the name of the RestAPI. */
  says: string;
  /** Annotations to set, or to take off (null). What is so already may be named too. */
  annotations?: Record<string, string | null>;
  /** spec.blueGreen.paused. */
  paused?: boolean;
  /**
   * An annotation that must first be gone, and forgotten by the operator, as it says the same already about something
   * that is over: setting it again would say nothing new.
   */
  first?: { annotation: string; forgotten(api: StoredObject<RestAPI>): boolean };
  /** What whoever waits waits for: that this revision is active, or that no release is under way. */
  until?: { active: string } | 'no release';
}

type Api = StoredObject<RestAPI>;

/** Releases the one that is being prepared as soon as it is ready. @throws Error in words if there is nothing to promote */
export function promoteStep(api: Api, named: string | undefined, skipChecks: boolean): ReleaseStep {
  const { revision, phase, environment } = releaseUnderWay(api, 'promote');
  refuseOther(api, named, revision);
  if (phase === 'RollingBack')
    throw new Error(`${who(api)} is on its way back to revision ${revision}, which needs no promotion`);
  if (api.spec.blueGreen?.paused) {
    throw new Error(`${who(api)} is paused, which holds every promotion: kubectl restapi resume ${api.metadata.name}`);
  }
  const without = skipChecks ? ' without its checks' : '';
  return {
    says: `revision ${revision} in ${environment} is promoted${without} as soon as it is ready`,
    annotations: { [PROMOTE]: revision, ...(skipChecks && { [SKIP_CHECKS]: revision }) },
    until: { active: revision },
  };
}

/** Gives up the release under way. @throws Error in words if there is none */
export function abortStep(api: Api, named: string | undefined): ReleaseStep {
  const { revision, phase, environment } = releaseUnderWay(api, 'abort');
  refuseOther(api, named, revision);
  if (phase === 'RollingBack') {
    throw new Error(
      `${who(api)} is on its way back to revision ${revision}, as the other was given up: kubectl restapi retry ${api.metadata.name} releases that once more`,
    );
  }
  // A retry of it, were it ever asked for again, is not to find this promotion waiting.
  return {
    says: `the release of revision ${revision} in ${environment} is given up`,
    annotations: { [REJECT]: revision, ...without(api, [PROMOTE, SKIP_CHECKS], revision) },
    until: 'no release',
  };
}

/** What a way back is chosen from. */
export interface Past {
  /** The revision that was active before, as the front Service says. */
  previous: string | undefined;
  /** Names of the revisions that are kept. */
  kept: readonly string[];
}

/**
 * Goes back to a revision of the past: to the one before, or to one by its name.
 *
 * To the one before, what is active is rejected: that way back is held neither by a pause nor by a missing promotion.
 * There is one such annotation, which may overwrite only what no longer counts: so what is active must be what the spec
 * asks for.
 *
 * @throws Error in words if there is nothing to go back to
 */
export function rollbackStep(api: Api, named: string | undefined, { previous, kept }: Past): ReleaseStep {
  refuseUnlessReleased(api);
  const { name, annotations = {} } = api.metadata;
  const active = reportedActive(api.status);
  if (!active?.revision) throw new Error(`${who(api)} has no revision active yet: there is nothing to go back from`);
  if (named === active.revision) throw new Error(`revision ${named} of ${who(api)} is active already`);
  if (named === undefined) {
    const { release } = api.status ?? {};
    if (release?.phase === 'RollingBack')
      throw new Error(`${who(api)} is on its way back to revision ${release.revision} already`);
    if (release) {
      throw new Error(
        `a release of revision ${release.revision} of ${who(api)} is under way: kubectl restapi abort ${name} gives it up; to go back further, name a revision`,
      );
    }
    if (!isAsked(api)) {
      throw new Error(
        `a revision of ${who(api)} was given up or taken back already, and revision ${active.revision} is active. To go back further, name a revision (kubectl restapi history ${name})`,
      );
    }
  }
  const to = named ?? previous;
  if (to === undefined || to === active.revision)
    throw new Error(`${who(api)} has had no other revision active: there is nothing to go back to`);
  if (!kept.includes(to)) {
    const there = kept.filter((one) => one !== active.revision);
    throw new Error(`revision ${to} of ${who(api)} is not kept; there are: ${there.join(', ') || 'no others'}`);
  }
  const rejectedByOperator = api.status?.rejected?.revision === to;
  if (named === undefined || (named === previous && isAsked(api) && !api.status?.release)) {
    if (rejectedByOperator) {
      throw new Error(
        `revision ${to} of ${who(api)} was given up before: ${api.status?.rejected?.message}. Name another (kubectl restapi history ${name})`,
      );
    }
    return {
      says: `requests go back to revision ${to}, and revision ${active.revision} is given up`,
      annotations: { [REJECT]: active.revision, ...without(api, [PROMOTE, SKIP_CHECKS], active.revision) },
      until: { active: to },
    };
  }
  if (api.spec.blueGreen?.paused) {
    throw new Error(`${who(api)} is paused, which holds the way to revision ${to}: kubectl restapi resume ${name}`);
  }
  const stale = annotations[ROLLBACK_TO] === to && api.status?.rollback !== undefined && !isTrue(api, 'RolledBack');
  return {
    says: `revision ${to} is to be active until the spec asks for another`,
    annotations: {
      [ROLLBACK_TO]: to,
      // It is not to wait for anybody once more.
      [PROMOTE]: to,
      ...without(api, [REJECT], to),
      ...(rejectedByOperator && { [RETRY]: to }),
    },
    ...(stale && { first: { annotation: ROLLBACK_TO, forgotten: ({ status }) => status?.rollback === undefined } }),
    until: { active: to },
  };
}

/** Releases once more what was given up, or what the spec asks for after a way back. @throws Error in words if neither is so */
export function retryStep(api: Api): ReleaseStep {
  refuseUnlessReleased(api);
  const { annotations = {} } = api.metadata;
  const { rejected, rollback } = api.status ?? {};
  const aborted = api.status?.conditions?.find(({ type, status }) => type === 'Aborted' && status === 'True');
  if (aborted) {
    const revision = aborted.reason === 'Rejected' ? annotations[REJECT] : rejected?.revision;
    if (revision === undefined) throw new Error(notSeen(api));
    const again = rejected?.revision === revision;
    // One retry each time it is set: the operator has to see that it was taken off.
    const used = again && annotations[RETRY] === revision && rejected?.retried === true;
    return {
      says: `revision ${revision} is released once more`,
      annotations: {
        ...without(api, [REJECT, PROMOTE, SKIP_CHECKS], revision),
        ...(again && { [RETRY]: revision }),
      },
      ...(used && { first: { annotation: RETRY, forgotten: ({ status }) => status?.rejected?.retried !== true } }),
      until: { active: revision },
    };
  }
  if (rollback && isTrue(api, 'RolledBack')) {
    return {
      says: `revision ${rollback.insteadOf} is released once more, as the spec asks for it`,
      annotations: {
        [ROLLBACK_TO]: null,
        ...without(api, [PROMOTE], rollback.to),
        ...without(api, [REJECT, PROMOTE], rollback.insteadOf),
      },
      until: { active: rollback.insteadOf },
    };
  }
  throw new Error(`nothing of ${who(api)} was given up: there is nothing to retry`);
}

/** Holds releases before the switch, or lets them go on. @throws Error in words without blue-green releases */
export function pauseStep(api: Api, paused: boolean): ReleaseStep {
  if (!api.spec.blueGreen?.enabled) throw new Error(withoutReleases(api));
  const which = api.status?.release ? `the release of revision ${api.status.release.revision}` : 'the next release';
  const { autoPromotion } = api.spec.blueGreen;
  const then = autoPromotion.enabled ? '' : ', and waits for kubectl restapi promote';
  return {
    says: paused ? `${which} is held before requests go to it; a way back is not` : `${which} is no longer held${then}`,
    paused,
  };
}

function releaseUnderWay(api: Api, verb: string): ReleaseStatus {
  refuseUnlessReleased(api);
  const { release } = api.status ?? {};
  if (release) return release;
  const { name } = api.metadata;
  const active = reportedActive(api.status)?.revision;
  const is = active ? `: revision ${active} is active` : '';
  const given = isTrue(api, 'Aborted')
    ? `, and the one the spec asks for was given up (kubectl restapi retry ${name})`
    : '';
  throw new Error(`no release of ${who(api)} is under way, so there is nothing to ${verb}${is}${given}`);
}

function refuseOther(api: Api, named: string | undefined, revision: string): void {
  if (named === undefined || named === revision) return;
  throw new Error(`the release of ${who(api)} under way is of revision ${revision}, not of ${named}`);
}

function refuseUnlessReleased(api: Api): void {
  if (!api.spec.blueGreen?.enabled) throw new Error(withoutReleases(api));
  // What the status tells is what is chosen from.
  if (api.status?.observedGeneration !== api.metadata.generation) throw new Error(notSeen(api));
}

function withoutReleases(api: Api): string {
  return `${who(api)} is not released blue-green (spec.blueGreen.enabled is false): its pods are replaced as soon as its spec changes`;
}

function notSeen(api: Api): string {
  return `the operator has not looked at the latest change of ${who(api)} yet: try again in a moment, and see whether it runs`;
}

function isAsked(api: Api): boolean {
  return isTrue(api, 'Promoted') && !isTrue(api, 'RolledBack') && !isTrue(api, 'Aborted');
}

function isTrue(api: Api, condition: string): boolean {
  return api.status?.conditions?.some(({ type, status }) => type === condition && status === 'True') ?? false;
}

/** Takes annotations off, where they are about this revision. */
function without(api: Api, names: readonly string[], revision: string): Record<string, null> {
  const found = names.filter((name) => api.metadata.annotations?.[name] === revision);
  return Object.fromEntries(found.map((name) => [name, null]));
}

function who({ metadata: { namespace, name } }: Api): string {
  return `RestAPI ${namespace}/${name}`;
}
