import { customResourceOf, resourcePath, type StoredObject, withDefaults } from '../../operator/index.ts';
import { RestAPI } from '../../resources/index.ts';
import type { Cluster } from './cluster.ts';
import type { WrittenRestApi } from './read-rest-apis.ts';

/**
 * Returns a RestAPI as the API server would store it with the written spec, admitted and with all defaults. Stores nothing.
 * @param current the stored RestAPI, if it exists
 * @throws ApiError if the API server rejects it, also for an unknown field
 */
export async function dryRun(
  { client, namespace }: Cluster,
  written: WrittenRestApi,
  current: StoredObject<RestAPI> | undefined,
  signal: AbortSignal,
): Promise<StoredObject<RestAPI>> {
  const type = customResourceOf(RestAPI);
  const { name } = written.metadata;
  const stored = await client.request<StoredObject<RestAPI>>({
    ...(current
      ? { method: 'PUT', path: resourcePath(type, namespace, name), body: { ...current, spec: written.spec } }
      : { method: 'POST', path: resourcePath(type, namespace), body: written }),
    query: { dryRun: 'All', fieldValidation: 'Strict' },
    signal,
  });
  return withDefaults(RestAPI, stored);
}
