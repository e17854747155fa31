import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient, type StoredObject } from '../../../operator/index.ts';
import { takeStep } from '../../../operator/reconcile/apply-step.ts';
import { startFaultProxy } from '../../../operator/testkit/index.ts';
import { OWNERSHIP } from './ownership.ts';
import { DEPLOYMENT, imageOf, Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.start();
});
afterAll(() => bench?.[Symbol.asyncDispose]());

const annotationsOf = (object: StoredObject | undefined) => object?.metadata.annotations ?? {};

test('a write records its generation and term; neither alone causes a write', async () => {
  const desired = bench.describe('stamped', 'a:1');
  const first = await bench.bring(desired, { generation: 3, term: 8 });
  expect(first).toMatchObject({ step: { action: 'create' }, written: true });
  expect(annotationsOf(first.object)).toMatchObject({ 'example.com/made-for': '3', 'example.com/leader-term': '8' });
  expect(await bench.bring(desired, { generation: 4, term: 9 })).toMatchObject({
    step: { action: 'keep' },
    written: false,
  });
  const second = await bench.bring(bench.describe('stamped', 'a:2'), { generation: 5, term: 10 });
  expect(annotationsOf(second.object)).toMatchObject({ 'example.com/made-for': '5', 'example.com/leader-term': '10' });
  // An operator without an election takes the term off and leaves nothing to be put back.
  const third = await bench.bring(bench.describe('stamped', 'a:3'), { generation: 5 });
  expect(annotationsOf(third.object)['example.com/leader-term']).toBeUndefined();
  expect(annotationsOf(third.object)['example.com/given-up-fields']).toBeUndefined();
});

test('an outdated write does not revert a newer one (D9)', async () => {
  await bench.bring(bench.describe('zombie', 'a:1'), { generation: 1 });
  const looked = await bench.look('zombie');
  await bench.bring(bench.describe('zombie', 'a:3'), { generation: 3 });
  const late = await bench.bring(bench.describe('zombie', 'a:2'), { generation: 2 }, looked);
  expect(late).toMatchObject({
    step: { action: 'stale', staleness: { by: 'generation', observed: 3, ours: 2 } },
    written: false,
  });
  const create = await bench.bring(bench.describe('zombie', 'a:2'), { generation: 2 }, 'nothing');
  expect(create).toMatchObject({ step: { action: 'stale' }, written: false });
  expect(imageOf(await bench.look('zombie'))).toBe('a:3');
});

test('an outdated delete does not revert a newer write (D9)', async () => {
  await bench.bring(bench.describe('wanted', 'a:1'), { generation: 1 });
  const looked = (await bench.look('wanted')) as StoredObject;
  await bench.bring(bench.describe('wanted', 'a:3'), { generation: 3 });
  const remove = (generation: number, observed = looked) =>
    takeStep({ action: 'delete', observed }, bench.context({ generation }));
  expect(await remove(2)).toMatchObject({ step: { action: 'stale' }, written: false });
  // Nor does one that looked at the newer object.
  expect(await remove(2, (await bench.look('wanted')) as StoredObject)).toMatchObject({ step: { action: 'stale' } });
  expect(await bench.look('wanted')).toBeDefined();
  // It has only changed: then it goes.
  expect(await remove(3)).toMatchObject({ step: { action: 'delete' }, written: true });
  expect(await bench.look('wanted')).toBeUndefined();
  expect(await remove(3)).toMatchObject({ written: false });
});

test('a delete skips an object that has lost its owner or now has another manager or uid', async () => {
  const make = async (name: string) => {
    await bench.bring(bench.describe(name, 'a:1'));
    return (await bench.look(name)) as StoredObject;
  };
  const remove = (observed: StoredObject) => takeStep({ action: 'delete', observed }, bench.context());
  const orphaned = await make('orphaned');
  await bench.kubectl(
    'patch',
    'deployment',
    'orphaned',
    '--type=json',
    '-p',
    '[{"op":"remove","path":"/metadata/ownerReferences"}]',
  );
  expect(await remove(orphaned)).toMatchObject({ written: false });
  const taken = await make('taken');
  await bench.kubectl('label', 'deployment', 'taken', '--overwrite', 'app.kubernetes.io/managed-by=other');
  expect(await remove(taken)).toMatchObject({ written: false });
  const replaced = await make('replaced');
  await bench.kubectl('delete', 'deployment', 'replaced');
  await make('replaced');
  expect(await remove(replaced)).toMatchObject({ written: false });
  for (const name of ['orphaned', 'taken', 'replaced']) expect(await bench.look(name)).toBeDefined();
});

test('an object that a later leader wrote is not changed, whatever its generation (D7, D10)', async () => {
  await bench.bring(bench.describe('led', 'a:2'), { generation: 2, term: 7 });
  const late = await bench.bring(bench.describe('led', 'a:1'), { generation: 2, term: 6 });
  expect(late).toMatchObject({ step: { action: 'stale', staleness: { by: 'term', observed: 7, ours: 6 } } });
  // A generation of another owner says nothing: this one has taken the object over.
  const adopted = await bench.bring(bench.describe('led', 'a:3'), { generation: 1, term: 7, ownerUid: 'owner' });
  expect(adopted.step.action).toBe('stale');
  expect(imageOf(await bench.look('led'))).toBe('a:2');
});

test('an object that others write often is not a failure', async () => {
  await bench.bring(bench.describe('busy', 'a:0'));
  /** Somebody writes the object just before each of our writes arrives. */
  const busily = (times: number) => {
    let left = times;
    const { client } = bench;
    const apply: ApiClient['apply'] = async (type, object, options) => {
      if (left-- > 0) {
        const patch = { metadata: { annotations: { busy: String(Math.random()) } } };
        await client.mergePatch(DEPLOYMENT, 'default', 'busy', patch);
      }
      return client.apply(type, object, options);
    };
    return { get: client.get.bind(client), apply } as ApiClient;
  };
  expect(await bench.bring(bench.describe('busy', 'a:1'), { client: busily(5) })).toMatchObject({ written: true });
  await bench.kubectl('set', 'image', 'deployment/busy', 'app=theirs');
  const repaired = await bench.bring(bench.describe('busy', 'a:1'), { client: busily(5) });
  expect(repaired).toMatchObject({ step: { action: 'update', drift: true }, written: true });
  expect(imageOf(await bench.look('busy'))).toBe('a:1');
  await expect(bench.bring(bench.describe('busy', 'a:2'), { client: busily(6) })).rejects.toThrow('409');
});

test('a write whose answer was lost is not a failure and is not repeated', async () => {
  await using proxy = await startFaultProxy(bench.cluster.kubeConfig);
  await using closing = new AsyncDisposableStack();
  const client = new ApiClient({ kubeConfig: proxy.kubeConfig, userAgent: 'test' });
  closing.defer(() => client.close());
  const lose = (method: string) =>
    proxy.rule({
      match: (request) => request.method === method && request.path.endsWith('/lost'),
      fault: { kind: 'cut-after-commit' },
      times: 1,
    });
  for (const image of ['a:1', 'a:2']) {
    const lost = lose('PATCH');
    const taken = await bench.bring(bench.describe('lost', image), { client });
    expect(lost.fired).toBe(1);
    expect(taken).toMatchObject({ step: { action: 'keep' }, object: { metadata: { name: 'lost' } } });
    expect(imageOf(taken.object)).toBe(image);
  }
  expect((await bench.look('lost'))?.metadata.generation).toBe(2);
  lose('DELETE');
  const observed = (await bench.look('lost')) as StoredObject;
  await takeStep({ action: 'delete', observed }, bench.context({ client }));
  expect(await bench.look('lost')).toBeUndefined();
});

test('an object that another operator manages is a conflict, even if our owner controls it (D12)', async () => {
  await bench.bring(bench.describe('shared', 'a:1', {}, {}, 'first'));
  const looked = await bench.look('shared');
  for (const observed of ['nothing', looked] as const) {
    const second = await bench.bring(bench.describe('shared', 'a:2', {}, {}, 'second'), {}, observed);
    expect(second).toMatchObject({ step: { action: 'conflict', by: 'first' }, written: false });
  }
  expect(await bench.bring(bench.describe('shared', 'a:1', {}, {}, 'first'))).toMatchObject({
    step: { action: 'keep' },
  });
  // Taken off by hand: it is still ours, though the watch does not show it.
  await bench.kubectl('label', 'deployment', 'shared', 'app.kubernetes.io/managed-by-');
  const back = await bench.bring(bench.describe('shared', 'a:1', {}, {}, 'first'), {}, 'nothing');
  expect(back).toMatchObject({ step: { action: 'update', drift: true }, written: true });
});

test('an owner reference is not restored while the owner is being deleted (--cascade=orphan)', async () => {
  const desired = bench.describe('left', 'a:1');
  await bench.bring(desired);
  await bench.kubectl(
    'patch',
    'deployment',
    'left',
    '--type=json',
    '-p',
    '[{"op":"remove","path":"/metadata/ownerReferences"}]',
  );
  const goes = await bench.bring(desired, { ownerIsGoing: async () => true });
  expect(goes).toMatchObject({ step: { action: 'stale' }, written: false });
  const stays = await bench.bring(desired, { ownerIsGoing: async () => false });
  expect(stays).toMatchObject({ step: { action: 'update', drift: true }, written: true });
  expect(OWNERSHIP.fieldManager).toBe('test');
});
