import { controllerOf, type StoredObject } from '../../operator/index.ts';
import type { Environment, PersistentVolumeClaim, RestAPI, StorageSpec } from '../../resources/index.ts';

/**
 * The volume of the repository, if the spec no longer requests one but an environment still uses it: it must outlive
 * that environment. Undefined otherwise.
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
    // A volume that is deleted with the RestAPI is owned by it.
    whenDeleted: controllerOf(claim) ? 'Delete' : 'Retain',
  };
}
