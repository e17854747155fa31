import type { StoredObject } from '../../operator/index.ts';
import { type RestAPI, type Revision, type RollbackStatus, versionOf } from '../../resources/index.ts';
import { concerns } from './decision-scope.ts';
import { rejectionOf } from './rejection.ts';
import type { ReleaseCondition } from './release-conditions.ts';

/** The condition of that type. */
export type RolledBack = Extract<ReleaseCondition, { type: 'RolledBack' }>;

/** The revision that should be active. */
export interface Goal {
  revision: Revision;
  /** The requested rollback, while it is in effect. */
  rollback?: RollbackStatus;
  /** Whether a user wants exactly this revision back: nothing may delay it. */
  immediate: boolean;
  conditions: RolledBack[];
}

/** How revisions are found. */
export interface Lookup {
  /** Name of the revision that receives traffic. */
  active: string | undefined;
  /** Finds a revision by its name, or the newest one of a version. */
  find: (name: string | undefined) => Revision | undefined;
  /** Why no pods of a revision can be started; undefined: they can, or run already. */
  lost: (revision: Revision) => string | undefined;
  /** The revision with the current contents of its ConfigMaps. */
  current: (revision: Revision) => Revision;
}

/**
 * Returns the revision that should be active: that of the spec, or the one a user rolled back to. New contents of ConfigMaps go
 * to the active version, never to one that is rejected or was rolled back from.
 *
 * @param requested the revision of the current spec
 */
export function goalOf(api: StoredObject<RestAPI>, requested: Revision, lookup: Lookup): Goal {
  const rollback = rollbackInEffect(api.status?.rollback, requested.name);
  if (rollback) return rolledBack(api, requested, rollback, lookup);
  const rejection = rejectionOf(api, requested.name);
  const active = lookup.find(lookup.active);
  const changed = rejection && (rejection.configChanged || rejection.revision !== requested.name);
  if (changed && active && versionOf(active.name) !== versionOf(requested.name)) {
    return { revision: lookup.current(active), immediate: false, conditions: [] };
  }
  return { revision: requested, immediate: false, conditions: [] };
}

/** The rollback, unless the spec has overtaken it. Then it is over for good, also if the spec comes back. */
function rollbackInEffect(rollback: RollbackStatus | undefined, requested: string): RollbackStatus | undefined {
  if (!rollback || !concerns({ revision: rollback.insteadOf, scope: rollback.scope }, requested)) return undefined;
  return rollback.insteadOf === requested ? rollback : { ...rollback, configChanged: true };
}

function rolledBack(
  { metadata }: StoredObject<RestAPI>,
  requested: Revision,
  rollback: RollbackStatus,
  { active, find, lost, current }: Lookup,
): Goal {
  const to = find(rollback.to);
  const letGo = `Change the spec or run kubectl restapi retry ${metadata.name} to release the spec again`;
  if (!to) {
    // It must not end in the release of what the user went back from.
    const message = `Revision ${rollback.to}, to roll back to, no longer exists. ${letGo}`;
    const conditions = [rolledBackCondition('False', 'UnknownRevision', message)];
    return { revision: find(active) ?? requested, rollback, immediate: false, conditions };
  }
  const revision = rollback.configChanged ? current(to) : to;
  const lostMessage = revision.name === active ? undefined : lost(revision);
  if (lostMessage) {
    const conditions = [notRolledBack(revision.name, `${lostMessage}. ${letGo}`)];
    return { revision: find(active) ?? requested, rollback, immediate: false, conditions };
  }
  const whose = rollback.by === undefined ? '' : ` by ${rollback.by}`;
  const message = `Rolled back${whose} to revision ${revision.name} instead of ${requested.name}, which the spec requests. ${letGo}`;
  return {
    revision,
    rollback,
    immediate: !rollback.configChanged || active === undefined || versionOf(active) !== versionOf(revision.name),
    conditions: [rolledBackCondition('True', 'RollbackTo', message)],
  };
}

export function rolledBackCondition(
  status: 'True' | 'False',
  reason: RolledBack['reason'],
  message: string,
): RolledBack {
  return { type: 'RolledBack', status, reason, message };
}

/** A rollback that is not started because the revision could not run. */
export function notRolledBack(revision: string, problem: string): RolledBack {
  const message = `Cannot roll back to revision ${revision}, its configuration is lost: ${problem}`;
  return rolledBackCondition('False', 'ConfigurationLost', message);
}
