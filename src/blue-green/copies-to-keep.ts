import { copiesOf, type Decision, type Environment, type RestAPI, type Revision } from '../../resources/index.ts';
import type { Observed } from './observed.ts';

/** Returns the copies of ConfigMaps that the kept revisions and the environments need, as far as their contents are known. */
export function copiesToKeep(
  api: RestAPI,
  revisions: readonly Revision[],
  environments: readonly Environment[],
  { configMaps }: Pick<Observed, 'configMaps'>,
): NonNullable<Decision['configMaps']> {
  const hashes = [
    ...revisions.map(({ data }) => data.configHashes),
    ...environments.map(({ configHashes }) => configHashes ?? {}),
  ];
  const needed = new Map(hashes.flatMap((each) => copiesOf(api, each)).map((copy) => [copy.name, copy]));
  return [...needed.values()].flatMap((copy) => {
    const content = Object.hasOwn(configMaps, copy.name) ? configMaps[copy.name] : undefined;
    return content ? [{ ...copy, content }] : [];
  });
}
