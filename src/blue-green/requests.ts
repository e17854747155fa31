import { type RejectionStatus, type RollbackStatus, versionOf } from '../../resources/index.ts';
import { truncate } from '../workload/truncate.ts';
import { authorOf } from './author.ts';
import { concerns, isAbout, scopeOf } from './decision-scope.ts';
import { notRolledBack, type RolledBack, rolledBackCondition } from './goal.ts';
import { lostConfiguration } from './lost-configuration.ts';
import { PROMOTE, REJECT, RETRY, ROLLBACK_TO, SKIP_CHECKS, withRejection } from './rejection.ts';
import type { ReleaseCondition } from './release-conditions.ts';
import type { ReleaseEvent } from './release-events.ts';
import { findRevision, type ReleaseInputs } from './release-inputs.ts';

/** The longest name of a revision in the status, characters. */
const NAME_MAX_LENGTH = 63;

/** Quotes a value of an annotation, which may be of any length. */
function quoted(named: string): string {
  return truncate(named, NAME_MAX_LENGTH);
}

/** The decisions in the status, with those that users requested since. */
export interface Requests {
  rejections: readonly RejectionStatus[];
  rollback: RollbackStatus | undefined;
  conditions: ReleaseCondition[];
  /** Annotations that the status now records, or that are fulfilled. */
  removeAnnotations: string[];
  /** One for each of these. */
  events: ReleaseEvent[];
}

/**
 * Records what users requested by annotations. From then on only the status counts: a tool that prunes annotations changes
 * nothing. An annotation that names no known revision stays until it is corrected, or until its revision is released.
 */
export function acceptRequests(inputs: ReleaseInputs): Requests {
  const { api, enabled, goal, requested } = inputs;
  let recorded: Requests = {
    rejections: (api.status?.rejections ?? []).map((rejection) => withChange(rejection, requested.name)),
    rollback: goal.rollback,
    conditions: goal.conditions,
    removeAnnotations: [],
    events: [],
  };
  // Without blue-green releases the annotations mean nothing.
  if (!enabled) return recorded;
  const accepts: [annotation: string, accept: Accept][] = [
    [RETRY, acceptRetry],
    [ROLLBACK_TO, acceptRollback],
    [REJECT, acceptReject],
    [PROMOTE, acceptForRelease],
    [SKIP_CHECKS, acceptForRelease],
  ];
  const { by = 'a user' } = authorOf(api);
  const removeAnnotations: string[] = [];
  const events: ReleaseEvent[] = [];
  for (const [annotation, accept] of accepts) {
    const named = api.metadata.annotations?.[annotation];
    if (named === undefined) continue;
    const { accepted, ...after } = accept(inputs, named, recorded);
    recorded = { ...recorded, ...after };
    if (!accepted) continue;
    removeAnnotations.push(annotation);
    const note = `Accepted the request of ${by}: ${annotation}=${quoted(named)}`;
    events.push({ type: 'Normal', reason: 'RequestAccepted', action: 'Release', note });
  }
  return { ...recorded, removeAnnotations, events };
}

/** @returns what changes, and whether the request is recorded */
type Accept = (inputs: ReleaseInputs, named: string, before: Requests) => Partial<Requests> & { accepted: boolean };

/** Lets a version go: neither a rejection nor a rollback holds it any longer. */
const acceptRetry: Accept = ({ front }, named, { rejections, rollback }) => ({
  accepted: true,
  rejections: rejections.filter(
    ({ revision, scope }) => !isAbout(named, revision, front) && !concerns({ revision, scope }, named),
  ),
  rollback:
    rollback &&
    (isAbout(named, rollback.insteadOf, front) || concerns({ ...rollback, revision: rollback.insteadOf }, named))
      ? undefined
      : rollback,
});

/** A user's word for a revision also lets it go, if it was rejected. */
const acceptRollback: Accept = (inputs, named, before) => {
  const { api, front, now, observed, requested } = inputs;
  const found = findRevision(inputs, named);
  if (!found) {
    const message = `The annotation ${ROLLBACK_TO} names revision ${quoted(named)}, which does not exist; list the revisions with kubectl restapi history ${api.metadata.name}`;
    return refused(before, rolledBackCondition('False', 'UnknownRevision', message));
  }
  const to = found.name;
  const problem = to === front.revision ? undefined : lostConfiguration(api, found, observed);
  if (problem) {
    const remedy = `Restore the content, or remove the annotation ${ROLLBACK_TO}`;
    return refused(before, notRolledBack(to, `${problem}. ${remedy}`));
  }
  const rejections = before.rejections.filter((rejection) => !concerns(rejection, to));
  if (to === requested.name) return { accepted: true, rejections, rollback: undefined };
  const scope = versionOf(to) === versionOf(requested.name) ? 'Configuration' : 'Version';
  const at = now.toISOString();
  return { accepted: true, rejections, rollback: { to, insteadOf: requested.name, scope, at, ...authorOf(api) } };
};

/** A request that cannot be recorded does not hide the rollback that is in effect. */
function refused({ conditions: [inEffect] }: Requests, problem: RolledBack): ReturnType<Accept> {
  const condition = inEffect ? { ...inEffect, message: `${inEffect.message}. ${problem.message}` } : problem;
  return { accepted: false, conditions: [condition] };
}

const acceptReject: Accept = (inputs, named, { rejections, rollback }) => {
  const { api, front, now, observed, requested } = inputs;
  const found = findRevision(inputs, named)?.name;
  // A configuration that never existed is recorded as it was named: only if it can be the name of a revision.
  const known =
    named.length <= NAME_MAX_LENGTH &&
    [requested, ...observed.revisions].some(({ name }) => versionOf(name) === versionOf(named));
  if (!found && !known) return { accepted: false };
  const author = authorOf(api);
  const rejection: RejectionStatus = {
    revision: found ?? named,
    scope: scopeOf(named, front),
    reason: 'Rejected',
    message: `${author.by ?? 'a user'} rejected it`,
    at: now.toISOString(),
    ...author,
  };
  const covered = rejections.some(
    (each) => concerns(each, rejection.revision) && (each.scope === 'Version' || rejection.scope === 'Configuration'),
  );
  return {
    accepted: true,
    rejections: covered ? rejections : withRejection(rejections, rejection),
    rollback: rollback && concerns(rejection, rollback.to) ? undefined : rollback,
  };
};

/** The release in the status records it, and it ends with that release. */
const acceptForRelease: Accept = ({ front, target }, named) => ({
  accepted: [target?.revision.name, front.revision].some((name) => name !== undefined && isAbout(named, name, front)),
});

/** Notes on a rejection of the requested version that a ConfigMap changed since. */
function withChange(rejection: RejectionStatus, requested: string): RejectionStatus {
  return concerns(rejection, requested) && rejection.revision !== requested
    ? { ...rejection, configChanged: true }
    : rejection;
}
