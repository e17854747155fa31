import { contentHash, ifFound, isForbidden, type StoredObject } from '../../operator/index.ts';
import { type ConfigMapCopy, type CopiedConfigMap, copiesOf, type RestAPI } from '../../resources/index.ts';
import { describeLost } from '../blue-green/lost-configuration.ts';
import type { Cluster } from './cluster.ts';
import type { StoredRevisionOf } from './past.ts';

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

/**
 * Finds the revisions that cannot be restored, as copies of their ConfigMaps do not exist and the ConfigMaps have changed since.
 * Without the right to get configmaps it finds none. Running pods are not considered.
 *
 * @returns the reason by the name of the revision
 * @throws ApiError, TransportError
 */
export async function lostCopiesOf(
  { client, namespace }: Cluster,
  api: StoredObject<RestAPI>,
  revisions: readonly StoredRevisionOf[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const needed = revisions.map(({ name, data }) => ({ name, copies: copiesOf(api, data.configHashes ?? {}) }));
  const distinct = new Map(needed.flatMap(({ copies }) => copies.map((copy) => [copy.name, copy])));
  const lost = new Set<string>();
  await Promise.all([...distinct.values()].map(async (copy) => (await isLost(copy)) && lost.add(copy.name)));
  return new Map(
    needed.flatMap(({ name, copies }) => {
      const missing = copies.filter((copy) => lost.has(copy.name));
      return missing.length > 0 ? [[name, describeLost(missing)]] : [];
    }),
  );

  async function isLost({ name, source, hash }: ConfigMapCopy): Promise<boolean> {
    try {
      if (await read(name)) return false;
      const content = await read(source);
      return content === undefined || contentHash(content) !== hash;
    } catch (error) {
      if (isForbidden(error)) return false;
      throw error;
    }
  }

  async function read(name: string): Promise<CopiedConfigMap | undefined> {
    return ifFound(client.get<CopiedConfigMap>(CONFIG_MAP, namespace, name, { signal }));
  }
}
