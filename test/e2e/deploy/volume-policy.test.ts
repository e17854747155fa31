import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { PersistentVolumeClaim } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { volume } from '../../support/volume.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator();
  const create = (...words: string[]) => world.kubectl('create', ...words);
  await create('role', 'restapi-author', '--verb=get,create,patch,delete', '--resource=restapis.restapi.dev');
  for (const user of ['tenant', 'reader', 'builder']) {
    await create('rolebinding', user, '--role=restapi-author', `--user=${user}`);
  }
  await create('role', 'builder', '--verb=create', '--resource=pods');
  await create('rolebinding', 'pods', '--role=builder', '--user=builder');
  const named = ['--resource=persistentvolumeclaims', '--resource-name=bank-repository'];
  await create('role', 'reader', '--verb=get', ...named);
  await create('rolebinding', 'claim', '--role=reader', '--user=reader');
  await world.apply(...volume('manual'));
  // An administrator's RestAPI leaves a volume behind.
  await world.apply(bank());
  await eventually(claim);
  await world.kubectl('delete', 'restapi', 'bank', '--timeout=90s');
  expect((await claim())?.metadata.ownerReferences).toBeUndefined();
  // The policy takes effect shortly after its creation.
  await eventually(async () => (await tryAs('tenant', bank())).includes('denied'));
});
afterAll(() => world?.[Symbol.asyncDispose]());

const storage = { size: '1Gi', storageClassName: 'manual' };
const bank = (image = 'registry.example.com/bank:1') => sample('bank', { image, repository: { storage } });
const claim = () => world.get<StoredObject<PersistentVolumeClaim>>('persistentvolumeclaim', 'bank-repository');

/** Output of kubectl when a user applies an object, as a dry run unless flags say otherwise. */
async function tryAs(user: string, object: object, ...flags: string[]): Promise<string> {
  const args = ['apply', '--server-side', `--as=${user}`, ...(flags.length > 0 ? flags : ['--dry-run=server'])];
  const { stdout, stderr } = await world.cluster.kubectl([...args, '-f', '-'], { input: JSON.stringify(object) });
  return stdout + stderr;
}

const APPLY = '--dry-run=none';

test('S4: a volume that an earlier RestAPI left is not for authors of the same name', async () => {
  const refused = await tryAs('tenant', bank('registry.example.com/theirs:1'));
  expect(refused).toContain(
    'denied request: spec.repository.storage: persistentvolumeclaims/bank-repository holds the data of an earlier RestAPI. ' +
      'Taking it over requires permission to get it, or to create pods in namespace default.',
  );
  expect(refused).toContain('kubectl annotate -n default pvc bank-repository restapi.dev/adoptable-by=bank');
  expect(await tryAs('reader', bank())).toContain('serverside-applied');
  expect(await tryAs('builder', bank())).toContain('serverside-applied');
});

test('S4: storage cannot be added later either', async () => {
  expect(await tryAs('tenant', sample('bank'), APPLY)).toContain('serverside-applied');
  const add = (user: string) =>
    world.cluster.kubectl([
      ...['patch', 'restapi', 'bank', `--as=${user}`, '--type=merge', '--dry-run=server', '-p'],
      JSON.stringify({ spec: { repository: { storage } } }),
    ]);
  expect((await add('tenant')).stderr).toContain('holds the data of an earlier RestAPI');
  expect((await add('builder')).exitCode).toBe(0);
  await world.kubectl('delete', 'restapi', 'bank', '--timeout=90s');
});

test('without a volume of that name every author may use storage, add it, remove it and add it again', async () => {
  const shop = (spec: object) => sample('shop', { repository: spec });
  expect(await tryAs('tenant', shop({}), APPLY)).toContain('serverside-applied');
  expect(await tryAs('tenant', shop({ storage }), APPLY)).toContain('serverside-applied');
  const volumeOfShop = () => world.get('persistentvolumeclaim', 'shop-repository');
  await eventually(volumeOfShop);
  // It is the RestAPI's own: with the image changed, and with storage left out and added again.
  const merge = (spec: object) =>
    world.cluster.kubectl([
      ...['patch', 'restapi', 'shop', '--as=tenant', '--type=merge', '-p', JSON.stringify({ spec })],
    ]);
  expect(await merge({ image: 'registry.example.com/shop:2' })).toMatchObject({ exitCode: 0 });
  expect(await merge({ repository: { storage: null } })).toMatchObject({ exitCode: 0 });
  expect(await volumeOfShop()).toBeDefined();
  expect(await merge({ repository: { storage } })).toMatchObject({ exitCode: 0 });
});

test('the owner of the data makes the volume available to a RestAPI, and it is taken over', async () => {
  const annotate = (value: string) =>
    world.kubectl('annotate', 'pvc', 'bank-repository', '--overwrite', `restapi.dev/adoptable-by=${value}`);
  await annotate('other');
  expect(await tryAs('tenant', bank())).toContain('denied');
  await annotate('bank');
  await eventually(async () => (await tryAs('tenant', bank())).includes('serverside-applied'));
  const before = await claim();
  expect(await tryAs('tenant', bank(), APPLY)).toContain('serverside-applied');
  const uid = (await world.restapi('bank'))?.metadata.uid ?? 'none';
  await eventually(async () => (await claim())?.metadata.annotations?.['restapi.dev/retained-for']?.includes(uid));
  expect((await claim())?.metadata.uid).toBe(before?.metadata.uid);
});

test('a claim that is being deleted does not need to be taken over', async () => {
  await world.kubectl('delete', 'restapi', 'bank', '--timeout=90s');
  await world.kubectl('annotate', 'pvc', 'bank-repository', 'restapi.dev/adoptable-by-');
  await eventually(async () => (await tryAs('tenant', bank())).includes('denied'));
  const finalizers = ['example.com/hold'];
  await world.kubectl(
    'patch',
    'pvc',
    'bank-repository',
    '--type=merge',
    '-p',
    JSON.stringify({ metadata: { finalizers } }),
  );
  await world.kubectl('delete', 'pvc', 'bank-repository', '--wait=false');
  await eventually(async () => (await tryAs('tenant', bank())).includes('serverside-applied'));
  await world.kubectl('patch', 'pvc', 'bank-repository', '--type=merge', '-p', '{"metadata":{"finalizers":null}}');
});
