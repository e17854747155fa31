import { HOOKS, type HookRun, type HookStatus, type RejectionStatus, versionOf } from '../../resources/index.ts';
import { earlierRuns, type HookStep, hookAfterSwitch } from './hooks.ts';
import {
  failedMigration,
  firstMigration,
  isFirstUnmigrated,
  isMigrating,
  type Migration,
  migratedVersions,
  migrationMessage,
  unfinishedMigration,
} from './migration.ts';
import type { ReleaseEvent } from './release-events.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import type { ReleasePlan } from './release-plan.ts';

/** The hooks of a RestAPI in this run. */
export interface HooksPlan {
  runs: HookRun[];
  /** For the status. */
  hooks: HookStatus[];
  /** For the status; undefined: there is no migration. */
  migrated: readonly string[] | undefined;
  /** Set if the migration of the very first version failed just now. */
  rejected: RejectionStatus | undefined;
  /** Why the very first version has no pods yet; undefined: it has. */
  migrating: ReleasePlan['migrating'];
  events: ReleaseEvent[];
  /** When time alone changes something, milliseconds since 1970. */
  checkAt: (number | undefined)[];
}

/**
 * Plans the hooks: at most one migration and one hook after the last switch. Pure.
 *
 * @param migration that of the release in progress
 */
export function planHooks(inputs: ReleaseInputs, migration: Migration | undefined): HooksPlan {
  const first = migration ? undefined : firstMigration(inputs);
  const steps = [migration ?? first ?? unfinishedMigration(inputs), hookAfterSwitch(inputs)].filter(
    (step) => step !== undefined,
  );
  const names = steps.map(({ status }) => status.name);
  const earlier = earlierRuns(inputs, names);
  const isUsed = inputs.enabled && inputs.api.spec.blueGreen?.hooks !== undefined;
  const others = isUsed ? (inputs.api.status?.hooks ?? []).filter(({ name }) => !names.includes(name)) : [];
  const hooks = [...steps.map(({ status }) => status), ...others];
  return {
    runs: [...steps.flatMap(({ run }) => run ?? []), ...earlier.map(({ run }) => run)],
    hooks: hooks.sort((a, b) => HOOKS.indexOf(a.name) - HOOKS.indexOf(b.name)),
    migrated: withMigrated(inputs, steps),
    // Once, when the failure is written into the status: the rejection in the status holds from then on.
    rejected: first && first.events.length > 0 ? failedMigration(inputs, first) : undefined,
    migrating: isFirstUnmigrated(inputs) && (!first || isMigrating(first)) ? migratingOf(inputs, first) : undefined,
    events: steps.flatMap(({ events }) => events),
    checkAt: [...steps.map(({ checkAt }) => checkAt), ...earlier.map(({ until }) => until)],
  };
}

/** Only of versions that are kept, or are in use. */
function withMigrated(inputs: ReleaseInputs, steps: readonly HookStep[]): readonly string[] | undefined {
  const before = migratedVersions(inputs);
  if (!before) return undefined;
  const passed = steps.filter(({ status }) => status.name === 'migrate' && status.result === 'Passed');
  const { front, observed, requested, wanted } = inputs;
  const known = [front.revision, requested.name, wanted.name, ...observed.revisions.map(({ name }) => name)];
  const versions = new Set(known.flatMap((name) => (name === undefined ? [] : [versionOf(name)])));
  const all = new Set([...before, ...passed.map(({ status }) => versionOf(status.revision))]);
  return [...all].filter((version) => versions.has(version));
}

function migratingOf(inputs: ReleaseInputs, migration: Migration | undefined): ReleasePlan['migrating'] {
  if (migration) {
    return { failed: failedMigration(inputs, migration) !== undefined, message: migrationMessage(migration) };
  }
  const { target } = inputs;
  const instead = target ? `, as revision ${target.revision.name} is released instead` : '';
  return { failed: false, message: `No pod was started: hook migrate has not succeeded${instead}` };
}
