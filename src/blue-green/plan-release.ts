import type { StoredObject } from '../../operator/index.ts';
import type {
  Decision,
  Environment,
  EnvironmentName,
  Front,
  RejectionStatus,
  ReleaseStatus,
  RestAPI,
  Revision,
  StoppingStatus,
} from '../../resources/index.ts';
import type { Checks } from './checks.ts';
import { releaseConditions } from './conditions.ts';
import { copiedReferences } from './copied-references.ts';
import { copiesToKeep } from './copies-to-keep.ts';
import { keptReplicas, otherColour, withoutPods } from './environments.ts';
import { historyOf } from './history.ts';
import { type IdleEnvironment, idleEnvironments } from './idle-environments.ts';
import { lostCondition } from './lost-condition.ts';
import { lostRevision } from './lost-revision.ts';
import { isFirstUnmigrated } from './migration.ts';
import { needsTurn } from './needs-turn.ts';
import type { Observed } from './observed.ts';
import { type HooksPlan, planHooks } from './plan-hooks.ts';
import { postPromotionChecks } from './post-checks.ts';
import { queuedRelease } from './queued-release.ts';
import { rejectAfterPromotion } from './reject-after-promotion.ts';
import { boundedRejections, withRejection } from './rejection.ts';
import { type Progress, releaseProgress } from './release.ts';
import type { ReleaseEvent } from './release-events.ts';
import { askedOf, type PlanOptions, type ReleaseInputs, releaseInputs } from './release-inputs.ts';
import type { ReleasePlan } from './release-plan.ts';
import { environmentStatus, hasSwitched } from './release-status.ts';
import { acceptRequests, type Requests } from './requests.ts';
import { trialCheckAt } from './trial.ts';

/**
 * Plans the next step of a RestAPI's release. Pure: the same observations give the same plan.
 *
 * At most one environment is prepared at a time, and one write to the front Service moves the traffic. All state is in
 * the front Service, and in the status and annotations of the RestAPI, so the operator may be interrupted anywhere.
 *
 * @param requested the revision of the current spec
 * @param observed with all revisions that are known
 */
export function planRelease(
  api: StoredObject<RestAPI>,
  requested: Revision,
  observed: Observed,
  now: Date,
  options: PlanOptions = {},
): ReleasePlan {
  const frozen = lostRevision(api, requested, observed);
  const inputs = releaseInputs(api, requested, observed, now, options);
  const progress = releaseProgress(inputs);
  const postChecks = postPromotionChecks(inputs);
  const checks = progress?.checks ?? postChecks;
  const hooks = planHooks(inputs, progress?.hook);
  const rejected = progress?.failed ?? rejectAfterPromotion(inputs, postChecks) ?? hooks.rejected;
  // Until the status has the switch it cannot say that no trial follows: the settings may change before it is written.
  const atRisk = inputs.holding !== undefined || rejected !== undefined || hasSwitched(api.status, inputs.active);
  const idle = idleEnvironments(inputs, atRisk);
  const environments = environmentsToKeep(inputs, progress, idle, hooks.migrating !== undefined);
  const queued = queuedRelease(inputs);
  const history = historyOf(api, { ...inputs, target: inputs.target ?? inputs.queued }, now);
  const switches = progress?.switch ?? false;
  const inPlace = !inputs.enabled && environments.every(({ name }) => name === 'main');
  const { active, front, trial } = inputs;
  const requests = acceptRequests(inputs);
  const release = progress?.release ?? queued;
  const trialEnd = trial && trialCheckAt(api, trial, now);
  const recheck = inputs.wait && now.getTime() + inputs.wait.recheckMs;

  const nextFront = switches ? switchedFront(inputs, progress) : { ...front, revision: active.revision };
  const revisions = inPlace ? [] : revisionsToKeep(inputs, environments);
  return {
    ...(frozen && { frozen }),
    ...(hooks.migrating && { migrating: hooks.migrating }),
    decision: {
      environments,
      front: nextFront,
      preview: previewEnvironment(inputs, switches),
      revisions,
      ...(inPlace
        ? {}
        : {
            backup: backupOf(nextFront, revisions),
            configMaps: copiesToKeep(api, revisions, environments, observed),
          }),
      ...(checks && checks.jobs.length > 0 && { jobs: checks.jobs }),
      ...(hooks.runs.length > 0 && { hooks: hooks.runs }),
    },
    switches,
    needsTurn: needsTurn(inputs),
    attempts: checks?.attempts ?? [],
    upToDate: (active.name === 'main' && !inputs.enabled) || active.revision === askedOf(inputs),
    status: inPlace
      ? {}
      : planStatus(inputs, {
          environments,
          progress,
          release,
          checks,
          rejected,
          requests,
          idle,
          hooks,
          history: history.all,
        }),
    copied: copiedReferences(inputs),
    conditions: inPlace
      ? []
      : [...releaseConditions(inputs, release), ...lostCondition(inputs), ...requests.conditions],
    events: [
      ...requests.events,
      ...(checks?.events ?? []),
      ...hooks.events,
      ...history.events,
      ...startedEvent(inputs, progress),
      ...scaledDownEvents(inputs, idle),
    ],
    removeAnnotations: requests.removeAnnotations,
    requeueAfterMs: switches
      ? 1
      : soonest(
          [
            progress?.checkAt,
            postChecks?.checkAt,
            trialEnd,
            recheck,
            ...hooks.checkAt,
            ...idle.map(({ until }) => until),
          ],
          now,
        ),
  };
}

/** All environments that should exist; the active one is always among them. */
function environmentsToKeep(
  { active, activeObserved }: ReleaseInputs,
  progress: Progress | undefined,
  idle: readonly IdleEnvironment[],
  isMigrating: boolean,
): Environment[] {
  const now = progress?.switch ? { ...active, replicas: keptReplicas(active, activeObserved) } : active;
  return [
    isMigrating ? withoutPods(active) : now,
    ...(progress ? [progress.environment] : []),
    ...idle.filter(({ gone }) => !gone).map(({ environment }) => environment),
  ];
}

function switchedFront(inputs: ReleaseInputs, progress: Progress | undefined): Front {
  const { active, enabled, now } = inputs;
  const { name = active.name, revision } = progress?.environment ?? {};
  const neverServed = isFirstUnmigrated(inputs);
  return {
    environment: name,
    revision: enabled ? revision : undefined,
    // The same revision in another environment is nothing to go back to, nor is one that never had pods.
    previousRevision: enabled && (active.revision === revision || neverServed) ? undefined : active.revision,
    switchedAt: now.toISOString(),
  };
}

function previewEnvironment(
  { active, target, enabled }: ReleaseInputs,
  switches: boolean,
): EnvironmentName | undefined {
  if (switches) return active.name;
  if (target) return target.environment;
  return enabled ? otherColour(active) : undefined;
}

/** The newest revisions up to the limit, and all that are in use. */
function revisionsToKeep(
  { api, observed, front, wanted, requested }: ReleaseInputs,
  environments: readonly Environment[],
): Decision['revisions'] {
  const used = new Set([
    ...environments.map(({ revision }) => revision),
    front.previousRevision,
    wanted.name,
    requested.name,
  ]);
  const stored = [...observed.revisions].sort((a, b) => b.number - a.number);
  const limit = api.spec.blueGreen?.revisionHistoryLimit ?? 10;
  const kept = stored.filter(({ name }, index) => used.has(name) || index < limit);
  const newest = stored[0]?.number ?? 0;
  const missing = [requested, wanted].filter(
    ({ name }, index, all) =>
      !kept.some((each) => each.name === name) && all.findIndex((each) => each.name === name) === index,
  );
  return [...missing.map(({ name, data }, index) => ({ name, data, number: newest + 1 + index })).reverse(), ...kept];
}

/** The active revision and the one before. */
function backupOf({ revision, previousRevision }: Front, revisions: Decision['revisions']): Decision['revisions'] {
  return [revision, previousRevision].flatMap((used) => revisions.find(({ name }) => name === used) ?? []);
}

/** The results of the steps that the status reports. */
interface Reported {
  environments: readonly Environment[];
  progress: Progress | undefined;
  release: ReleaseStatus | undefined;
  checks: Checks | undefined;
  rejected: RejectionStatus | undefined;
  requests: Requests;
  idle: readonly IdleEnvironment[];
  hooks: HooksPlan;
  history: NonNullable<ReleasePlan['status']['history']>;
}

function planStatus(inputs: ReleaseInputs, reported: Reported): ReleasePlan['status'] {
  const { enabled, front, observed, requested } = inputs;
  const checks = checksStatus(inputs, reported.checks);
  const { rollback } = reported.requests;
  const rejections = rejectionsToKeep(inputs, reported);
  return {
    ...(front.environment !== 'main' && {
      activeEnvironment: front.environment,
      ...(front.switchedAt && { lastDeploymentTime: front.switchedAt }),
    }),
    ...(enabled && { requestedRevision: requested.name }),
    environments: reported.environments.map((environment) =>
      environmentStatus(
        environment,
        roleOf(inputs, environment.name),
        observed.environments[environment.name],
        stoppingIn(environment.name, reported),
      ),
    ),
    ...(reported.release && { release: reported.release }),
    ...(inputs.trial && { trial: inputs.trial }),
    ...(checks && { checks }),
    ...(rollback && { rollback }),
    ...(rejections.length > 0 && { rejections }),
    ...(reported.hooks.hooks.length > 0 && { hooks: reported.hooks.hooks }),
    ...(reported.hooks.migrated && { migrated: [...reported.hooks.migrated] }),
    ...(reported.history.length > 0 && { history: reported.history }),
  };
}

function rejectionsToKeep(
  { api, front, requested, wanted }: ReleaseInputs,
  { rejected, requests }: Reported,
): RejectionStatus[] {
  const limit = api.spec.blueGreen?.revisionHistoryLimit ?? 10;
  const inUse = [requested.name, wanted.name, front.revision, front.previousRevision];
  return [...boundedRejections(withRejection(requests.rejections, rejected), limit, inUse)];
}

function stoppingIn(name: EnvironmentName, { progress, idle }: Reported): StoppingStatus | undefined {
  if (progress?.environment.name === name) return progress.stopping;
  return idle.find(({ environment }) => environment.name === name)?.stopping;
}

/** The state of the checks that run, or of the last ones if they are over. */
function checksStatus(
  { api, front, target }: ReleaseInputs,
  checks: Checks | undefined,
): ReleasePlan['status']['checks'] {
  const last = api.status?.checks;
  const over = last && (last.result !== 'Running' || (last.since === front.switchedAt && !target));
  return checks?.status ?? (over ? last : undefined);
}

function roleOf({ active, target }: ReleaseInputs, name: EnvironmentName): 'active' | 'preview' | 'idle' {
  if (name === active.name) return 'active';
  return name === target?.environment ? 'preview' : 'idle';
}

function startedEvent({ api, target, trial }: ReleaseInputs, progress: Progress | undefined): ReleaseEvent[] {
  if (!progress?.started) return [];
  const { name, revision } = progress.environment;
  const last = api.status?.trial;
  const givenUp =
    last && !trial && !target?.rollback
      ? `; the trial of revision ${last.revision} ends without a rollback to ${last.proven}`
      : '';
  const note = `Preparing revision ${revision} in environment ${name}${givenUp}`;
  return [{ type: 'Normal', reason: 'ReleaseStarted', action: 'Release', note }];
}

function scaledDownEvents({ observed }: ReleaseInputs, idle: readonly IdleEnvironment[]): ReleaseEvent[] {
  return idle.flatMap(({ environment: { name, replicas } }): ReleaseEvent[] => {
    const had = Object.values(observed.environments[name] ?? {}).some(({ replicas: count }) => count > 0);
    if (!had || Object.values(replicas).some((count) => count > 0)) return [];
    const note = `Scaled environment ${name} to 0 replicas`;
    return [{ type: 'Normal', reason: 'ScaledDown', action: 'Release', note }];
  });
}

function soonest(times: readonly (number | undefined)[], now: Date): number | undefined {
  const waits = times.flatMap((time) => (time === undefined ? [] : [Math.max(1, time - now.getTime())]));
  return waits.length > 0 ? Math.min(...waits) : undefined;
}
