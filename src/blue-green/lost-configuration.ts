import { type ConfigMapCopy, copiesOf, ENVIRONMENTS, type RestAPI, type Revision } from '../../resources/index.ts';
import type { Observed } from './observed.ts';
import { serves } from './serves.ts';

type Known = Pick<Observed, 'configMaps' | 'environments'>;

/**
 * Why no pods of a revision can be started: a copy of a ConfigMap was deleted, and the ConfigMap has changed since, so it
 * cannot be made again. Undefined: they can, or an environment has pods that read the copy before it was lost.
 */
export function lostConfiguration(api: RestAPI, revision: Revision, observed: Known): string | undefined {
  const lost = lostCopies(api, revision, observed);
  if (lost.length === 0 || ENVIRONMENTS.some((name) => serves(observed, name, revision.name))) return undefined;
  return describeLost(lost);
}

/** Returns the copies that a revision needs and that neither exist nor can be made. */
export function lostCopies(api: RestAPI, { data }: Revision, { configMaps }: Known): ConfigMapCopy[] {
  return copiesOf(api, data.configHashes).filter(({ name }) => !Object.hasOwn(configMaps, name));
}

/** Says which copies are missing and why they cannot be made. */
export function describeLost(lost: readonly ConfigMapCopy[]): string {
  return lost
    .map(
      ({ name, source }) =>
        `ConfigMap ${name}, its copy of ConfigMap ${source}, does not exist, and ${source} no longer has that content`,
    )
    .join('; ');
}
