import {
  type ConfigMapCopy,
  copiesOf,
  ENVIRONMENTS,
  type Front,
  type RestAPI,
  type Revision,
} from '../../resources/index.ts';
import { readsCopies } from './environments.ts';
import type { Observed } from './observed.ts';
import type { ReleaseCondition } from './release-conditions.ts';
import { serves } from './serves.ts';

type Known = Pick<Observed, 'configMaps' | 'environments'>;

/**
 * Why no pods of a revision can be started: a copy of a ConfigMap was deleted, and the ConfigMap has changed since, so it
 * cannot be made again. Undefined: they can, or an environment has pods that read the copy before it was lost.
 */
export function lostConfiguration(api: RestAPI, revision: Revision, observed: Known): string | undefined {
  const lost = lostCopies(api, revision, observed);
  if (lost.length === 0 || ENVIRONMENTS.some((name) => serves(observed, name, revision.name))) return undefined;
  return describe(lost);
}

/** Names the copies that pods of revisions in use need and that cannot be made again. */
export function lostCondition(
  api: RestAPI,
  revisions: readonly Revision[],
  { environment }: Front,
  observed: Known,
): ReleaseCondition[] {
  const lost = revisions.flatMap((revision) => {
    const copies = lostCopies(api, revision, observed);
    return copies.length > 0 ? [`revision ${revision.name}: ${describe(copies)}`] : [];
  });
  if (lost.length === 0 || !readsCopies(environment)) return [];
  const message =
    `The configuration of revisions is lost. Pods that run are not affected, but new ones of these revisions cannot start. ` +
    `${lost.join('; ')}. Give each named ConfigMap the content of that revision, and its copy is made again; or release another revision`;
  return [{ type: 'ConfigurationLost', status: 'True', reason: 'CopyDeleted', message }];
}

/** The copies that a revision needs and that neither exist nor can be made. */
function lostCopies(api: RestAPI, { data }: Revision, { configMaps }: Known): ConfigMapCopy[] {
  return copiesOf(api, data.configHashes).filter(({ name }) => !Object.hasOwn(configMaps, name));
}

function describe(lost: readonly ConfigMapCopy[]): string {
  return lost
    .map(
      ({ name, source }) =>
        `ConfigMap ${name}, its copy of ConfigMap ${source}, does not exist, and ${source} no longer has that content`,
    )
    .join('; ');
}
