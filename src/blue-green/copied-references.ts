import { copiesOf } from '../../resources/index.ts';
import { contentKey } from '../../resources/model/references.ts';
import { readsCopies } from './environments.ts';
import type { ReleaseInputs } from './release-inputs.ts';

/** The references of the current spec, by kind and name, that pods of the requested revision read from copies. */
export function copiedReferences({ active, api, observed, requested }: ReleaseInputs): string[] {
  if (!readsCopies(active.name)) return [];
  return copiesOf(api, requested.data.configHashes)
    .filter(({ name }) => Object.hasOwn(observed.configMaps, name))
    .map(({ source }) => contentKey({ kind: 'ConfigMap', name: source }));
}
