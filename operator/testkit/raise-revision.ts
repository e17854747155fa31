import { randomUUID } from 'node:crypto';
import type { AdminApi } from './admin-api.ts';

/** How many write at once while the revision is raised. */
const WRITERS = 20;

/**
 * Raises etcd's revision past another one, by writes of ConfigMaps `testkit-revision-<n>` in the namespace default. Each writer has
 * one of its own: of writes of the same object at once, the API server tries all but one again, on a busy machine for many seconds.
 */
export async function raiseRevision(api: AdminApi, past: bigint, current: () => Promise<bigint>): Promise<void> {
  const path = '/api/v1/namespaces/default/configmaps';
  let left = past - (await current());
  const writer = async (_: unknown, index: number) => {
    const metadata = { name: `testkit-revision-${index}` };
    const found = await api.request('GET', `${path}/${metadata.name}`).catch(() => undefined);
    if (found === undefined) await api.request('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
    while (left >= 0n) {
      left -= 1n;
      await api.request('PATCH', `${path}/${metadata.name}`, { data: { left: `${left} ${randomUUID()}` } });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}
