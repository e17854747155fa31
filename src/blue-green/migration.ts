import { type Environment, type RejectionStatus, versionOf } from '../../resources/index.ts';
import { type HookStep, hookStep, lastRunOf } from './hooks.ts';
import { newRejection, rejectionOf } from './rejection.ts';
import type { ReleaseInputs } from './release-inputs.ts';

/** The migration that a version without pods waits for. */
export interface Migration extends HookStep {
  /** Set while that of another revision must end first: two at a time would disturb each other. */
  isOther?: true;
}

/**
 * Versions that need no migration any more. What serves or has served when the hook is added counts as migrated; undefined:
 * there is no hook.
 */
export function migratedVersions({
  api,
  active,
  activeObserved = {},
  enabled,
  front,
}: ReleaseInputs): readonly string[] | undefined {
  if (!enabled || !api.spec.blueGreen?.hooks?.migrate) return undefined;
  const { migrated, history = [] } = api.status ?? {};
  if (migrated) return migrated;
  const hasPods = Object.values(activeObserved).some(({ replicas }) => replicas > 0);
  const serves = hasPods || front.switchedAt !== undefined;
  if (!serves || active.revision === undefined) return [];
  const promoted = history.filter(({ result }) => result === 'Promoted').map(({ revision }) => revision);
  const served = [active.revision, ...(front.previousRevision ? [front.previousRevision] : []), ...promoted];
  return [...new Set(served.map(versionOf))];
}

/**
 * The migration of a version, before its first pod; undefined: it needs none, or has been migrated.
 *
 * @param since when the release started
 */
export function migrationOf(
  inputs: ReleaseInputs,
  environment: Environment & { revision: string },
  since: string,
): Migration | undefined {
  const migrated = migratedVersions(inputs);
  const last = lastRunOf(inputs.api, 'migrate');
  const isOwn = last?.since === since && last.revision === environment.revision;
  if (!migrated || (migrated.includes(versionOf(environment.revision)) && !isOwn)) return undefined;
  const unfinished = isOwn ? undefined : unfinishedMigration(inputs);
  return unfinished ? { ...unfinished, isOther: true } : hookStep(inputs, 'migrate', environment, since);
}

/** A migration whose Job runs, or has just ended. Whatever the spec asks for by now, it is left to end. */
export function unfinishedMigration(inputs: ReleaseInputs): HookStep | undefined {
  const { active, api } = inputs;
  const last = lastRunOf(api, 'migrate');
  if (last?.result !== 'Running' || !migratedVersions(inputs)) return undefined;
  const step = hookStep(inputs, 'migrate', { ...active, revision: last.revision }, last.since);
  return step.run?.stored ? step : undefined;
}

/** Whether a version may not have pods yet, as its migration has not passed. */
export function isMigrating(migration: Migration | undefined): boolean {
  return migration !== undefined && (migration.isOther === true || migration.status.result !== 'Passed');
}

/** The rejection of a version whose migration failed: what it left is not known, so no pod of it is started. */
export function failedMigration(
  { front, now }: ReleaseInputs,
  migration: Migration | undefined,
): RejectionStatus | undefined {
  if (migration?.status.result !== 'Failed' || migration.isOther) return undefined;
  const { revision, message } = migration.status;
  return newRejection(front, revision, 'MigrationFailed', `hook migrate failed: ${message}`, now);
}

/** What a version without pods waits for, for people. */
export function migrationMessage({ isOther, status }: Migration): string {
  const whose = isOther ? ` of revision ${status.revision}, which has to end first` : '';
  return `Before the first pod, hook migrate${whose}: ${status.message}`;
}

/**
 * Whether the very first version, for which there is no release, has no pods yet: its environment is active, but waits for the
 * migration.
 */
export function isFirstUnmigrated(inputs: ReleaseInputs): boolean {
  const { active, front } = inputs;
  const migrated = migratedVersions(inputs);
  if (!migrated || active.revision === undefined || active.name === 'main') return false;
  return front.switchedAt === undefined && !migrated.includes(versionOf(active.revision));
}

/** The migration of the very first version; undefined: it has passed, is not needed, or another version is released instead. */
export function firstMigration(inputs: ReleaseInputs): Migration | undefined {
  const { active, api, now, stopped, target } = inputs;
  const { revision } = active;
  if (revision === undefined || stopped || target || !isFirstUnmigrated(inputs)) return undefined;
  const last = lastRunOf(api, 'migrate');
  const isRetried = last?.result === 'Failed' && rejectionOf(api, revision) === undefined;
  const since = last?.revision === revision && !isRetried ? last.since : now.toISOString();
  return migrationOf(inputs, { ...active, revision }, since);
}
