import { readsCopies } from './environments.ts';
import { describeLost, lostCopies } from './lost-configuration.ts';
import type { ReleaseCondition } from './release-conditions.ts';
import { findRevision, type ReleaseInputs } from './release-inputs.ts';

/** The condition about copies of ConfigMaps that revisions in use need and that cannot be made again; none: all exist. */
export function lostCondition(inputs: ReleaseInputs): ReleaseCondition[] {
  const { active, api, enabled, front, observed, queued, target } = inputs;
  if (!readsCopies(active.name)) return [];
  const inUse = [active.revision, (target ?? queued)?.revision.name, enabled ? front.previousRevision : undefined];
  const lost = [...new Set(inUse)].flatMap((name) => {
    const revision = findRevision(inputs, name);
    const copies = revision ? lostCopies(api, revision, observed) : [];
    return copies.length > 0 ? [`revision ${revision?.name}: ${describeLost(copies)}`] : [];
  });
  if (lost.length === 0) return [];
  const message =
    `The configuration of revisions is lost: ${lost.join('; ')}. Pods that run are not affected, but new pods of these ` +
    'revisions cannot start. Give each ConfigMap the content of that revision, and its copy is made again; or release ' +
    'another revision.';
  return [{ type: 'ConfigurationLost', status: 'True', reason: 'CopyDeleted', message }];
}
