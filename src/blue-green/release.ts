import type { BlueGreenSpec } from '../../resources/api/blue-green-spec.ts';
import {
  type Environment,
  RELEASE_MESSAGE_MAX_LENGTH,
  type RejectionStatus,
  type ReleasePhase,
  type ReleaseStatus,
  type StoppingStatus,
} from '../../resources/index.ts';
import { type Allowed, allowedOf, isRepeated } from './allowed.ts';
import { authorOf } from './author.ts';
import { type Checks, checksOf, passed, runningMessage } from './checks.ts';
import { keptReplicas, mapReplicas, missing, type Replicas, withoutPods } from './environments.ts';
import { failedMigration, isMigrating, type Migration, migrationMessage, migrationOf } from './migration.ts';
import { newRejection, PROMOTE, SKIP_CHECKS } from './rejection.ts';
import { buildEnvironment, findRevision, type ReleaseInputs } from './release-inputs.ts';
import { hasSwitched, stoppingOf, storedRelease } from './release-status.ts';
import { type Stopping, stopInOrder } from './stop-in-order.ts';
import type { Target } from './target.ts';

/** How far the release in progress is. */
export interface Progress {
  /** Its environment, with the replicas it should have now. */
  environment: Environment;
  release: ReleaseStatus;
  /** Whether it starts with this run. */
  started: boolean;
  /** Whether traffic can move to it now: all of it serves, and nothing holds it. */
  switch: boolean;
  /** Set when the release must be aborted. */
  failed?: RejectionStatus;
  /** The checks before promotion, once it is ready. */
  checks?: Checks;
  /** The migration before the first pod. */
  hook?: Migration;
  /** Present while pods of an earlier version end in its environment. */
  stopping?: StoppingStatus;
  /** When time alone changes something, milliseconds since 1970. */
  checkAt?: number;
}

/** The state of the release in progress, from which phase, message and next step follow. */
interface State {
  target: Target;
  settings: BlueGreenSpec | undefined;
  environment: Environment;
  /** Replicas to be promoted with: no fewer than the active environment has. */
  full: Replicas;
  /** Replicas until then. */
  preview: Replicas;
  /** This release as the status has it; undefined: it starts now. */
  before: ReleaseStatus | undefined;
  /** When all of it first served, or when a user had its failed checks repeated. */
  readyAt: string | undefined;
  /** When it is promoted if nothing else holds it, milliseconds; undefined: not automatically, or not ready yet. */
  promoteAt: number | undefined;
  checks: Checks | undefined;
  checked: boolean;
  /** Whether a user promoted it, and whether it skips its checks. */
  allowed: Allowed;
  paused: boolean;
  /** Whether nothing holds it: it gets all replicas and then the traffic. */
  promoting: boolean;
  /** Components that do not serve yet, each with the cause. */
  waitsFor: string[];
  /** Set while the environment still has pods of the version before the active one. */
  draining: Stopping | undefined;
  /** The migration before the first pod; undefined: it needs none, or must wait. */
  migration: Migration | undefined;
}

/** The progress and next step of the release in progress; undefined if there is none. */
export function releaseProgress(inputs: ReleaseInputs): Progress | undefined {
  if (!inputs.target) return undefined;
  const state = readState(inputs, inputs.target);
  const { before, checks, draining, migration, promoting, settings, waitsFor } = state;
  const release = releaseStatus(inputs, state);
  // A pod that becomes ready in the last second still gets the time to prove itself.
  const patience = (settings?.progressDeadlineSeconds ?? Infinity) + (inputs.api.spec.minReadySeconds ?? 0);
  const deadline = Date.parse(release.progressedAt) + patience * 1_000;
  const waits = (release.phase === 'Preparing' || release.phase === 'Promoting') && waitsFor.length > 0;
  const late = waits && inputs.now.getTime() >= deadline;
  const failed =
    failedMigration(inputs, migration) ?? (settings?.abortOnFailure ? abort(inputs, state, late) : undefined);
  const started = { ...state.environment, replicas: promoting ? state.full : state.preview };
  return {
    environment: draining?.environment ?? (isMigrating(migration) ? withoutPods(started) : started),
    release,
    started: !before || before.phase === 'Queued',
    switch: promoting && waitsFor.length === 0 && before !== undefined && !draining && !isMigrating(migration),
    ...(failed && { failed }),
    ...(checks && { checks }),
    ...(migration && { hook: migration }),
    ...(draining?.status && { stopping: draining.status }),
    checkAt: waits && !late && Number.isFinite(deadline) ? deadline : nextCheckAt(release.phase, state),
  };
}

function readState(inputs: ReleaseInputs, target: Target): State {
  const { api, observed, now } = inputs;
  const { rollback, revision } = target;
  const settings = api.spec.blueGreen?.enabled ? api.spec.blueGreen : undefined;
  const environment = { ...buildEnvironment(inputs, target.environment, revision), revision: revision.name };
  const { full, preview } = replicasOf(inputs, environment, rollback ? undefined : settings);
  const missingOf = (replicas: Replicas) =>
    missing(
      environment,
      replicas,
      observed.environments[target.environment],
      observed.endpoints.preview[target.environment],
    );

  const draining = drainBefore(inputs, target);
  const before = storedRelease(api.status, target);
  const mayMigrate = !draining && target.environment !== 'main';
  const migration = mayMigrate ? migrationOf(inputs, environment, before?.startedAt ?? now.toISOString()) : undefined;
  const missingInPreview = missingOf(preview);
  const allowed = allowedOf(inputs, revision.name);
  const repeated = before?.readyAt !== undefined && isRepeated(inputs, revision.name, before.readyAt);
  const ready = missingInPreview.length === 0 && !isMigrating(migration) ? now.toISOString() : undefined;
  const readyAt = repeated ? ready : (before?.readyAt ?? ready);
  const paused = !rollback && (settings?.paused ?? false);
  const promoteAt = promotionTime(settings, allowed, readyAt);
  const checked = { ...environment, replicas: preview };
  const checks = rollback ? undefined : preChecks(inputs, checked, settings, readyAt, allowed.skipChecks);
  // Only once readyAt is in the status: it identifies the checks.
  const isChecked = !checks || (before?.readyAt !== undefined && passed(api, checks));
  const due = promoteAt !== undefined && now.getTime() >= promoteAt;
  const promoting = rollback || (!paused && isChecked && due);
  const waitsFor = promoting ? missingOf(full) : missingInPreview;
  return {
    target,
    settings,
    environment,
    full,
    preview,
    before,
    readyAt,
    promoteAt,
    checks,
    checked: isChecked,
    allowed,
    paused,
    promoting,
    waitsFor,
    draining,
    migration,
  };
}

/**
 * The environment may still run the version before the active one, whose view has kept connections. Replacing its pods in
 * place would mix two versions in such a request and end the components in any order, so they are stopped in order first.
 */
function drainBefore(inputs: ReleaseInputs, { environment: name, revision }: Target): Stopping | undefined {
  const { api, front, now, observed } = inputs;
  const found = observed.environments[name] ?? {};
  const revisions = new Set(Object.values(found).map((component) => component.revision));
  const [only] = revisions;
  if (name === 'main' || revisions.size !== 1 || only !== front.previousRevision || only === revision.name) return;
  const previous = findRevision(inputs, only);
  if (!previous) return;
  const environment = buildEnvironment(inputs, name, previous);
  // Until the status has the switch, a trial of the active version may still follow, which needs these pods.
  if (hasSwitched(api.status, inputs.active)) {
    return { environment: { ...environment, replicas: keptReplicas(environment, found) }, stopped: false };
  }
  const stopping = stopInOrder(environment, found, stoppingOf(api.status, name), now);
  return stopping.stopped ? undefined : stopping;
}

function replicasOf({ activeObserved }: ReleaseInputs, { replicas }: Environment, settings: BlueGreenSpec | undefined) {
  const full = mapReplicas(replicas, (component, count) => Math.max(count, activeObserved?.[component]?.replicas ?? 0));
  return { full, preview: mapReplicas(full, (_, count) => Math.min(count, settings?.previewReplicas ?? count)) };
}

function promotionTime(
  settings: BlueGreenSpec | undefined,
  { promote }: Allowed,
  readyAt: string | undefined,
): number | undefined {
  if (readyAt === undefined) return undefined;
  if (!settings || promote) return Date.parse(readyAt);
  const { enabled, seconds } = settings.autoPromotion;
  return enabled ? Date.parse(readyAt) + seconds * 1_000 : undefined;
}

function preChecks(
  { api, observed, now, checkDelayMs }: ReleaseInputs,
  environment: Environment & { revision: string },
  settings: BlueGreenSpec | undefined,
  readyAt: string | undefined,
  skip: boolean,
): Checks | undefined {
  const checks = settings?.prePromotion ?? [];
  if (readyAt === undefined || checks.length === 0) return undefined;
  const { revision } = environment;
  // Its pods have been behind the Services for minReadySeconds already.
  const from = Date.parse(readyAt) + Math.max(0, checkDelayMs - (api.spec.minReadySeconds ?? 0) * 1_000);
  const requested = { stage: 'prePromotion' as const, checks, environment, revision, since: readyAt, from, skip };
  return checksOf(api, requested, observed.attemptResults, now);
}

function releaseStatus(inputs: ReleaseInputs, state: State): ReleaseStatus {
  const { api, now } = inputs;
  const { allowed, before, readyAt, target } = state;
  const { by } = authorOf(api);
  const phase = phaseOf(state);
  const available = availableReplicas(inputs, target);
  const progressed = !before || before.phase !== phase || available > before.availableReplicas;
  return {
    revision: target.revision.name,
    environment: target.environment,
    phase,
    startedAt: before?.startedAt ?? now.toISOString(),
    ...(before ? before.by && { by: before.by } : authorOf(api)),
    progressedAt: progressed ? now.toISOString() : before.progressedAt,
    availableReplicas: Math.max(available, before?.availableReplicas ?? 0),
    ...(readyAt && { readyAt }),
    ...(allowed.promote && { promote: true, ...named('promotedBy', before?.promote ? before.promotedBy : by) }),
    ...(allowed.skipChecks && {
      skipChecks: true,
      ...named('checksSkippedBy', before?.skipChecks ? before.checksSkippedBy : by),
    }),
    message: messageOf(inputs, state, phase),
  };
}

function named<Key extends string>(key: Key, by: string | undefined): { [K in Key]?: string } {
  return by === undefined ? {} : ({ [key]: by } as { [K in Key]: string });
}

/** Available pods of the revision, not counting those of an earlier one in the same environment. */
function availableReplicas({ observed }: ReleaseInputs, { environment, revision }: Target): number {
  return Object.values(observed.environments[environment] ?? {}).reduce(
    (sum, component) => sum + (component.revision === revision.name ? component.updated : 0),
    0,
  );
}

function phaseOf({ target, readyAt, promoting, checks, checked, paused, draining, migration }: State): ReleasePhase {
  if (draining) return 'Draining';
  if (target.rollback) return 'RollingBack';
  if (isMigrating(migration)) return 'Migrating';
  if (readyAt === undefined) return 'Preparing';
  if (promoting) return 'Promoting';
  if (checks?.unknown && !checked) return 'WaitingForPromotion';
  if (!checked) return 'Checking';
  return paused ? 'Paused' : 'WaitingForPromotion';
}

function messageOf(
  { api }: ReleaseInputs,
  { target, checks, checked, promoteAt, waitsFor, draining, migration }: State,
  phase: ReleasePhase,
): string {
  const revision = target.revision.name;
  if (draining?.status) return draining.status.message;
  if (migration && isMigrating(migration)) return migrationMessage(migration);
  if (checks?.failed) {
    return `Not promoted: ${checks.failed}. Correct the check, change the spec, repeat the checks with kubectl restapi retry ${api.metadata.name}, or set the annotation ${SKIP_CHECKS}=${revision} to skip them`;
  }
  if (phase === 'WaitingForPromotion' && checks?.unknown && !checked) {
    return `Ready, but nothing is known: ${checks.unknown}. Promote it with kubectl restapi promote ${api.metadata.name} --skip-checks, or repeat the checks with kubectl restapi retry ${api.metadata.name}`;
  }
  if (phase === 'Checking' && checks) return runningMessage(checks);
  if (phase === 'Paused') return 'Ready, but paused by spec.blueGreen.paused; set it to false to continue';
  if (phase === 'WaitingForPromotion') {
    return promoteAt === undefined
      ? `Ready; promote it with kubectl restapi promote ${api.metadata.name}, or kubectl annotate restapi ${api.metadata.name} ${PROMOTE}=${revision}`
      : `Ready; will be promoted at ${new Date(promoteAt).toISOString()}`;
  }
  return waitsFor.length > 0 ? `Waiting for ${waitsFor.join(', ')}` : 'All components are available';
}

/** The rejection of a release whose checks failed or that made no progress in time. */
function abort(
  { front, now }: ReleaseInputs,
  { target, checks, before, waitsFor }: State,
  late: boolean,
): RejectionStatus | undefined {
  const revision = target.revision.name;
  if (checks?.failed) return newRejection(front, revision, 'CheckFailed', checks.failed, now);
  const problem = before?.problem === undefined ? '' : `. ${before.problem}`;
  const message = `timed out waiting for ${waitsFor.join(', ')}${problem}`.slice(0, RELEASE_MESSAGE_MAX_LENGTH);
  return late ? newRejection(front, revision, 'ProgressDeadlineExceeded', message, now) : undefined;
}

function nextCheckAt(phase: ReleasePhase, { promoteAt, checks, draining, migration }: State): number | undefined {
  if (draining) return draining.until;
  if (isMigrating(migration)) return migration?.checkAt;
  if (checks?.unknown) return undefined;
  return phase === 'WaitingForPromotion' ? promoteAt : checks?.checkAt;
}
