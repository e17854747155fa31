import type { StoredObject } from '../../operator/index.ts';
import type {
  Environment,
  EnvironmentName,
  RejectedStatus,
  ReleasePhase,
  ReleaseStatus,
  RestAPI,
  Revision,
} from '../../resources/index.ts';
import { authorOf } from './author.ts';
import { type Checks, checksOf, passed, underWay } from './checks.ts';
import { mapReplicas, missing } from './environments.ts';
import type { Observed, ObservedEnvironment } from './observed.ts';
import { newRejection, PROMOTE, SKIP_CHECKS } from './rejection.ts';

/** Where a revision is to become active. */
export interface Target {
  environment: EnvironmentName;
  revision: Revision;
  /** It was active before, and what is active now was rejected. */
  rollback: boolean;
}

/** How far a release is. */
export interface Progress {
  environment: Environment;
  release: ReleaseStatus;
  /** It was not under way before. */
  started: boolean;
  /** All of it serves, and nothing holds it: requests can go there. */
  switch: boolean;
  /** It is to be given up. */
  failed?: RejectedStatus;
  /** The checks before promotion, as soon as it is ready. */
  checks?: Checks;
  /** When time alone changes something, milliseconds since 1970. */
  checkAt?: number;
}

/**
 * How far a release is, and with how many pods it is to go on.
 *
 * @param full the environment with all the pods the spec asks for
 * @param active what is active now: the release gets no fewer pods than that has
 */
export function progressOf(
  api: StoredObject<RestAPI>,
  { environment: name, revision, rollback }: Target,
  full: Environment,
  active: ObservedEnvironment | undefined,
  observed: Observed,
  now: Date,
): Progress {
  const settings = api.spec.blueGreen?.enabled ? api.spec.blueGreen : undefined;
  const environment = { ...full, revision: revision.name };
  const all = mapReplicas(full.replicas, (component, count) => Math.max(count, active?.[component]?.replicas ?? 0));
  const preview = rollback ? all : mapReplicas(all, (_, count) => Math.min(count, settings?.previewReplicas ?? count));
  const found = observed.environments[name];
  const behind = observed.endpoints.preview[name];

  const last = api.status?.release;
  const before = last?.revision === revision.name && last.environment === name ? last : undefined;
  const waitsFor = missing(environment, preview, found, behind);
  const readyAt = before?.readyAt ?? (waitsFor.length === 0 ? now.toISOString() : undefined);
  const paused = !rollback && (settings?.paused ?? false);
  const promoteAt = promotionTime();
  const checks = preChecks();
  // Not before it is written down since when it is ready: checks are told apart by that.
  const checked = !checks || (before?.readyAt !== undefined && passed(api, checks));
  const goes = rollback || (!paused && checked && promoteAt !== undefined && now.getTime() >= promoteAt);
  const missingNow = goes ? missing(environment, all, found, behind) : waitsFor;

  const phase = phaseOf();
  const available = Object.values(found ?? {}).reduce(
    (sum, component) => sum + (component.revision === revision.name && component.settled ? component.available : 0),
    0,
  );
  const further = !before || before.phase !== phase || available > before.availableReplicas;
  const release: ReleaseStatus = {
    revision: revision.name,
    environment: name,
    phase,
    startedAt: before?.startedAt ?? now.toISOString(),
    ...(before ? before.by && { by: before.by } : authorOf(api)),
    progressedAt: further ? now.toISOString() : before.progressedAt,
    availableReplicas: Math.max(available, before?.availableReplicas ?? 0),
    ...(readyAt && { readyAt }),
    message: messageOf(),
  };
  const deadline = Date.parse(release.progressedAt) + (settings?.progressDeadlineSeconds ?? Infinity) * 1_000;
  const waits = (phase === 'Preparing' || phase === 'Promoting') && missingNow.length > 0;
  const late = waits && now.getTime() >= deadline;
  const gaveUp = settings?.abortOnFailure && (late || checks?.failed !== undefined);
  return {
    environment: { ...environment, replicas: goes ? all : preview },
    release,
    started: !before,
    switch: goes && missingNow.length === 0 && before !== undefined,
    ...(gaveUp && {
      failed: newRejection(
        api,
        revision.name,
        checks?.failed ? 'CheckFailed' : 'ProgressDeadlineExceeded',
        checks?.failed ?? `timed out waiting for ${missingNow.join(', ')}`,
        now,
      ),
    }),
    ...(checks && { checks }),
    checkAt: checkAt(),
  };

  /** A rollback waits for nothing, and updating in place has nothing to look at. */
  function preChecks(): Checks | undefined {
    const list = settings?.prePromotion ?? [];
    if (rollback || readyAt === undefined || list.length === 0) return undefined;
    const asked = { checks: list, environment: { ...environment, replicas: preview }, revision: revision.name };
    return checksOf(api, { ...asked, stage: 'prePromotion', since: readyAt, from: 0 }, observed.answers, now);
  }

  /** When it is promoted, if nothing else holds it; undefined: not by itself, or not ready yet. */
  function promotionTime(): number | undefined {
    if (readyAt === undefined) return undefined;
    if (!settings || api.metadata.annotations?.[PROMOTE] === revision.name) return Date.parse(readyAt);
    const { enabled, seconds } = settings.autoPromotion;
    return enabled ? Date.parse(readyAt) + seconds * 1_000 : undefined;
  }

  function phaseOf(): ReleasePhase {
    if (rollback) return 'RollingBack';
    if (readyAt === undefined) return 'Preparing';
    if (goes) return 'Promoting';
    if (!checked) return 'Checking';
    return paused ? 'Paused' : 'WaitingForPromotion';
  }

  function messageOf(): string {
    if (checks?.failed) {
      return `Not promoted: ${checks.failed}. Change the spec, or set the annotation ${SKIP_CHECKS}=${revision.name} to skip the checks`;
    }
    if (phase === 'Checking' && checks) return underWay(checks);
    if (phase === 'Paused') return 'Ready, but paused by spec.blueGreen.paused; set it to false to continue';
    if (phase === 'WaitingForPromotion') {
      return promoteAt === undefined
        ? `Ready; promote it with kubectl annotate restapi ${api.metadata.name} ${PROMOTE}=${revision.name}`
        : `Ready; will be promoted at ${new Date(promoteAt).toISOString()}`;
    }
    return missingNow.length > 0 ? `Waiting for ${missingNow.join(', ')}` : 'All components are available';
  }

  function checkAt(): number | undefined {
    if (waits && !late && Number.isFinite(deadline)) return deadline;
    return phase === 'WaitingForPromotion' ? promoteAt : checks?.checkAt;
  }
}
