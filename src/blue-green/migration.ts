import { type Environment, versionOf } from '../../resources/index.ts';
import { type HookStep, hookStep } from './hooks.ts';
import { rejectionOf } from './rejection.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import { reportedActive } from './release-status.ts';

/**
 * Versions that need no migration any more. What serves when the hook is added counts as migrated, as its pods run already;
 * undefined: there is no hook.
 */
export function migratedVersions({ api, active, enabled }: ReleaseInputs): readonly string[] | undefined {
  if (!enabled || !api.spec.blueGreen?.hooks?.migrate) return undefined;
  if (api.status?.migrated) return api.status.migrated;
  const served = reportedActive(api.status) !== undefined && active.revision !== undefined;
  return served ? [versionOf(active.revision ?? '')] : [];
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
): HookStep | undefined {
  const migrated = migratedVersions(inputs);
  const { hooks = [] } = inputs.api.status ?? {};
  const isOwn = hooks.some(
    (one) => one.name === 'migrate' && one.since === since && one.revision === environment.revision,
  );
  if (!migrated || (migrated.includes(versionOf(environment.revision)) && !isOwn)) return undefined;
  return hookStep(inputs, 'migrate', environment, since);
}

/** Whether a version may not have pods yet, as its migration has not passed. */
export function isMigrating(step: HookStep | undefined): boolean {
  return step !== undefined && step.status.result !== 'Passed';
}

/**
 * The migration of the very first version, for which there is no release: its environment is active, and has no pods until the
 * migration has passed. Undefined: it has passed, or is not needed.
 */
export function firstMigration(inputs: ReleaseInputs): HookStep | undefined {
  const { active, api, front, now, stopped, target } = inputs;
  const { revision } = active;
  const migrated = migratedVersions(inputs);
  if (!migrated || revision === undefined || active.name === 'main' || front.switchedAt !== undefined) return undefined;
  if (migrated.includes(versionOf(revision)) || stopped || target) return undefined;
  const last = api.status?.hooks?.find(({ name }) => name === 'migrate');
  const isRetried = last?.result === 'Failed' && rejectionOf(api, revision) === undefined;
  const since = last?.revision === revision && !isRetried ? last.since : now.toISOString();
  return hookStep(inputs, 'migrate', { ...active, revision }, since);
}
