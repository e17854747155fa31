import { expect, test } from 'vitest';
import { ApiError, contentHash, type StoredObject } from '../../../operator/index.ts';
import { copiesOf, type RestAPI } from '../../../resources/index.ts';
import type { Cluster } from '../../../src/cli/cluster.ts';
import { historyLines, historyOf } from '../../../src/cli/history.ts';
import { lostCopiesOf } from '../../../src/cli/lost-copies.ts';
import { stored } from '../blue-green/stored.ts';

const api: StoredObject<RestAPI> = stored('b');
const settings = (text: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', data: { SETTING: text } });
const hash = (text: string) => contentHash(settings(text) as never);

function revision(name: string, text: string) {
  const data = { spec: { image: 'shop:1' }, configHashes: { 'ConfigMap/settings': hash(text) } } as never;
  return { name, number: 1, image: 'shop:1', createdAt: '2026-01-01T00:00:00Z', data };
}

/** A cluster with these ConfigMaps. */
function clusterWith(objects: Record<string, object>, status = 404): Cluster {
  const get = async (_type: unknown, _namespace: string, name: string) => {
    if (objects[name]) return objects[name];
    throw new ApiError({ status, reason: status === 404 ? 'NotFound' : 'Forbidden', message: name } as never);
  };
  return { client: { get }, namespace: 'default' } as unknown as Cluster;
}

const revisions = [revision('a-new', 'new'), revision('a-old', 'old'), revision('a-kept', 'kept')];
const [kept] = copiesOf(api, { 'ConfigMap/settings': hash('kept') });
const find = (cluster: Cluster) => lostCopiesOf(cluster, api, revisions, new AbortController().signal);

test('a revision is lost if neither its copy nor the content of its ConfigMap exists any longer', async () => {
  const lost = await find(clusterWith({ settings: settings('new'), [kept?.name ?? '']: settings('kept') }));
  expect([...lost.keys()]).toEqual(['a-old']);
  expect(lost.get('a-old')).toMatch(
    /its copy of ConfigMap settings, does not exist, and settings no longer has that content/,
  );
  const history = historyOf(api, revisions, lost);
  expect(history.revisions.map(({ problem }) => problem?.slice(0, 18))).toEqual([
    undefined,
    'cannot be restored',
    undefined,
  ]);
  const lines = historyLines(history, new Date(), { width: 400, colour: false });
  expect(lines.find((line) => line.includes('NUMBER'))).toContain('PROBLEM');
  expect(lines.find((line) => line.includes('a-old'))).toContain('cannot be restored: ConfigMap');
});

test('if the ConfigMap was deleted, all without a copy are lost', async () => {
  expect([...(await find(clusterWith({}))).keys()]).toEqual(['a-new', 'a-old', 'a-kept']);
});

test('without the right to read ConfigMaps nothing is said', async () => {
  const lost = await find(clusterWith({}, 403));
  expect(lost.size).toBe(0);
  expect(historyLines(historyOf(api, revisions, lost), new Date(), { width: 400, colour: false }).join()).not.toContain(
    'PROBLEM',
  );
});
