import { controllerOf, type StoredObject } from '../../operator/index.ts';
import type { Environment, PersistentVolumeClaim, RestAPI, StorageSpec } from '../../resources/index.ts';

/**
 * The volume of the repository as it is, if the spec no longer asks for one but an environment still uses it: it must
 * not go before that does. Undefined otherwise.
 */
export function retainedVolume(
  { spec }: RestAPI,
  environments: readonly Environment[],
  claim: StoredObject<PersistentVolumeClaim> | undefined,
): StorageSpec | undefined {
  const storage = environments.map(({ api }) => api.spec.repository.storage).find((one) => one !== undefined);
  if (spec.repository.storage || !storage || !claim) return undefined;
  return {
    ...storage,
    size: claim.spec.resources.requests.storage,
    // What is to go with the RestAPI is owned by it.
    whenDeleted: controllerOf(claim) ? 'Delete' : 'Retain',
  };
}
