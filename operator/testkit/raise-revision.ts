import { randomUUID } from 'node:crypto';
import type { AdminApi } from './admin-api.ts';

/** Writes in progress at once while the revision is raised. */
const WRITES = 20;

/** Raises etcd's revision past another one, by writes of a ConfigMap `testkit-revision` in the namespace default. */
export async function raiseRevision(api: AdminApi, past: bigint, current: () => Promise<bigint>): Promise<void> {
  const path = '/api/v1/namespaces/default/configmaps';
  const metadata = { name: 'testkit-revision' };
  const found = await api.request('GET', `${path}/${metadata.name}`).catch(() => undefined);
  if (found === undefined) await api.request('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  let left = past - (await current());
  const writer = async () => {
    while (left >= 0n) {
      left -= 1n;
      await api.request('PATCH', `${path}/${metadata.name}`, { data: { left: `${left} ${randomUUID()}` } });
    }
  };
  await Promise.all(Array.from({ length: WRITES }, writer));
}
