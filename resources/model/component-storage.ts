import type { ComponentName, RestAPI } from '../api/rest-api.ts';
import type { StorageSpec } from '../api/storage-spec.ts';

/** Returns the storage of a component. Only the repository can have one. */
export function storageOf(api: RestAPI, component: ComponentName): StorageSpec | undefined {
  return component === 'repository' ? api.spec.repository.storage : undefined;
}
