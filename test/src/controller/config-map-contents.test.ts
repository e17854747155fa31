import { describe, expect, test } from 'vitest';
import { contentHash, type KubernetesObject, type StoredObject } from '../../../operator/index.ts';
import { configMapCopyName, type RestAPI } from '../../../resources/index.ts';
import { sourcesOfVariables } from '../../../resources/model/references.ts';
import { contentsOfCopies, readConfigMaps } from '../../../src/controller/config-map-contents.ts';
import { stored } from '../blue-green/stored.ts';

const api = stored('shop:1');
Object.assign(api.spec.model, { envFrom: [{ configMapRef: { name: 'settings' } }] });

const configMap = (value: string, more: object = {}): StoredObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { value }, ...more }) as never;
const ONE = contentHash(configMap('one'));
const TWO = contentHash(configMap('two'));
const copy = (hash: string, source = 'settings') => configMapCopyName(api, source, hash);
const revision = (hashes: Record<string, string | null>) =>
  ({ metadata: { name: 'shop-r' }, data: { spec: {}, configHashes: hashes } }) as never;

/** What a run reads from a cluster with these ConfigMaps. */
async function read(
  live: Record<string, KubernetesObject>,
  cached: { hash?: string | null; copies?: StoredObject[]; revisions?: never[] },
  of: StoredObject<RestAPI> = api,
) {
  const requests: string[] = [];
  const getLive = async (_kind: object, name: string) => {
    requests.push(name);
    return live[name];
  };
  const found = await readConfigMaps({ getLive } as never, {
    api: of,
    sources: sourcesOfVariables(of),
    contents: cached.hash === undefined ? {} : { 'ConfigMap/settings': cached.hash },
    configMaps: contentsOfCopies(cached.copies ?? []),
    revisions: cached.revisions ?? [],
  });
  return { ...found, requests };
}

test('a copy is made from the ConfigMap, if that still has the content', async () => {
  const { configMaps, contents, requests } = await read({ settings: configMap('one') }, { hash: ONE });
  expect(configMaps).toEqual({ [copy(ONE)]: { data: { value: 'one' } } });
  expect(contents).toEqual({ 'ConfigMap/settings': ONE });
  expect(requests).toEqual(['settings']);
});

test('one that has changed meanwhile counts with the content that is copied', async () => {
  const { configMaps, contents } = await read({ settings: configMap('two') }, { hash: ONE });
  expect(contents).toEqual({ 'ConfigMap/settings': TWO });
  expect(configMaps).toEqual({ [copy(TWO)]: { data: { value: 'two' } } });
});

test('so does one that was deleted meanwhile', async () => {
  const { configMaps, contents } = await read({}, { hash: ONE });
  expect([configMaps, contents]).toEqual([{}, { 'ConfigMap/settings': null }]);
});

test('once the copy exists nothing is read', async () => {
  const copies = [configMap('one', { metadata: { name: copy(ONE) }, immutable: true })];
  const { requests, configMaps } = await read(
    {},
    { hash: ONE, copies, revisions: [revision({ 'ConfigMap/settings': ONE })] },
  );
  expect(requests).toEqual([]);
  expect(configMaps[copy(ONE)]).toEqual({ data: { value: 'one' } });
});

test('without blue-green releases nothing is read', async () => {
  const off = { ...api, spec: { ...api.spec, blueGreen: undefined } };
  expect((await read({ settings: configMap('one') }, { hash: ONE }, off)).requests).toEqual([]);
});

describe('a copy that is missing', () => {
  const revisions = [revision({ 'ConfigMap/settings': ONE, 'Secret/db': 's1' })];
  const copies = [configMap('two', { metadata: { name: copy(TWO) }, immutable: true })];

  test('is not made from another content, for which the ConfigMap is not even read', async () => {
    const { configMaps, requests } = await read({ settings: configMap('two') }, { hash: TWO, copies, revisions });
    expect(Object.keys(configMaps)).toEqual([copy(TWO)]);
    expect(requests).toEqual([copy(ONE)]);
  });

  test('is made again from a ConfigMap that the spec no longer references', async () => {
    const other = stored('shop:2');
    const { configMaps } = await read({ settings: configMap('one') }, { revisions }, other);
    expect(configMaps[copy(ONE)]).toEqual({ data: { value: 'one' } });
  });

  test('may only have lost its labels', async () => {
    const owner = {
      apiVersion: 'restapi.dev/v1alpha1',
      kind: 'RestAPI',
      name: 'shop',
      uid: api.metadata.uid,
      controller: true,
    };
    const metadata = { name: copy(ONE), ownerReferences: [owner] };
    const live = { [copy(ONE)]: configMap('one', { metadata, immutable: true }) };
    const found = await read(live, { hash: TWO, copies, revisions });
    expect(found.configMaps[copy(ONE)]).toEqual({ data: { value: 'one' } });
    // An object of this name that anybody else made is not trusted.
    const foreign = { [copy(ONE)]: configMap('other', { metadata: { name: copy(ONE) }, immutable: true }) };
    expect((await read(foreign, { hash: TWO, copies, revisions })).configMaps).not.toHaveProperty([copy(ONE)]);
  });
});

test('making a ConfigMap immutable is no other content', () => {
  expect(contentHash(configMap('one', { immutable: true }))).toBe(ONE);
});
