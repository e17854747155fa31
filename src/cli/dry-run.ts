import { customResourceOf, resourcePath, type StoredObject } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import type { Cluster } from './cluster.ts';
import type { WrittenRestApi } from './read-rest-apis.ts';

/**
 * A RestAPI as it would be stored if its spec were just the written one: with defaults, and admitted. Nothing is stored.
 * @param current the one that is there
 * @throws ApiError when the API server refuses it, also for a field it does not know
 */
export function dryRun(
  { client, namespace }: Cluster,
  written: WrittenRestApi,
  current: StoredObject<RestAPI> | undefined,
  signal: AbortSignal,
): Promise<StoredObject<RestAPI>> {
  const type = customResourceOf(RestAPI);
  const { name } = written.metadata;
  return client.request<StoredObject<RestAPI>>({
    ...(current
      ? { method: 'PUT', path: resourcePath(type, namespace, name), body: { ...current, spec: written.spec } }
      : { method: 'POST', path: resourcePath(type, namespace), body: written }),
    query: { dryRun: 'All', fieldValidation: 'Strict' },
    signal,
  });
}
