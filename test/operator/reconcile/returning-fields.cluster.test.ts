import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedFields } from '../../../operator/reconcile/given-up-fields.ts';
import { OWNERSHIP } from './ownership.ts';
import { DEPLOYMENT, Workbench } from './workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.start();
});
afterAll(() => bench?.[Symbol.asyncDispose]());

const APP = 'spec.template.spec.containers[name=app]';
const container = (fields: object) => ({ containers: [{ name: 'app', image: 'a:1', ...fields }] });
const recorded = async (name: string) => {
  const object = await bench.look(name);
  return object && recordedFields(object, OWNERSHIP);
};

test('abandoned fields that the server removed are recorded, those that stay are not', async () => {
  const env = [
    { name: 'DEBUG', value: '1' },
    { name: 'KEEP', value: 'x' },
  ];
  const full = container({ args: ['--seed'], env, resources: { limits: { cpu: '1' } } });
  await bench.bring(
    bench.describe('given', 'a:1', { replicas: 3 }, { ...full, nodeSelector: { zone: 'a' }, dnsPolicy: 'Default' }),
  );
  // Somebody else wants one of them too.
  const theirs = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'given', namespace: 'default' } };
  const selected = { ...theirs, spec: { template: { spec: { nodeSelector: { zone: 'a' } } } } };
  await bench.client.apply(DEPLOYMENT, selected, { fieldManager: 'theirs' });
  const mark = await bench.cluster.auditMark();
  const kept = bench.describe('given', 'a:1', {}, container({ env: [env[1]] }));
  const taken = await bench.bring(kept, { generation: 2 });
  expect(taken).toMatchObject({ step: { action: 'update', drift: false }, written: true });
  expect(await recorded('given')).toEqual([`${APP}.args`, `${APP}.env[name=DEBUG]`, `${APP}.resources.limits.cpu`]);
  // A look, a dry run and the write.
  const requests = (await bench.cluster.auditSince(mark)).filter(({ userAgent }) => userAgent === 'test');
  expect(requests.map(({ verb, requestURI }) => `${verb}${requestURI.includes('dryRun') ? ' dry' : ''}`)).toEqual([
    'get',
    'patch dry',
    'patch',
  ]);
  expect(await bench.bring(kept)).toMatchObject({ step: { action: 'keep' } });

  // They are back; so is one that nobody gave up.
  const more = [...env, { name: 'THEIRS', value: 'y' }];
  const patch = { spec: { template: { spec: container({ args: ['--seed'], env: more }) } } };
  await bench.kubectl('patch', 'deployment', 'given', '-p', JSON.stringify(patch));
  const repaired = await bench.bring(kept);
  expect(repaired).toMatchObject({
    step: { action: 'update', drift: true, fields: [`${APP}.args`, `${APP}.env[name=DEBUG]`] },
    written: true,
  });
  const [app] = (await bench.look('given'))?.spec.template.spec.containers ?? [];
  expect(app?.args).toBeUndefined();
  expect(app?.env).toEqual([env[1], more[2]]);
  expect(await bench.bring(kept)).toMatchObject({ step: { action: 'keep' } });

  // Described again, it is recorded no more; the rest is remembered.
  await bench.bring(bench.describe('given', 'a:1', {}, container({ env: [env[1]], args: ['--new'] })));
  expect(await recorded('given')).toEqual([`${APP}.env[name=DEBUG]`, `${APP}.resources.limits.cpu`]);
});

test('an abandoned field that returns during the write is removed in the same run', async () => {
  await bench.bring(bench.describe('both', 'a:1', {}, container({ args: ['--seed'] })));
  await bench.bring(bench.describe('both', 'a:1', {}, container({})));
  const patch = { spec: { template: { spec: container({ args: ['--seed'], image: 'theirs' }) } } };
  await bench.kubectl('patch', 'deployment', 'both', '-p', JSON.stringify(patch));
  await bench.bring(bench.describe('both', 'a:1', {}, container({})));
  const [app] = (await bench.look('both'))?.spec.template.spec.containers ?? [];
  expect(app).toMatchObject({ image: 'a:1' });
  expect(app?.args).toBeUndefined();
  expect(await recorded('both')).toEqual([`${APP}.args`]);
});

test('a changed description that abandons nothing costs one read and no dry run', async () => {
  await bench.bring(bench.describe('plain', 'a:1'));
  const mark = await bench.cluster.auditMark();
  await bench.bring(bench.describe('plain', 'a:2'));
  const requests = (await bench.cluster.auditSince(mark)).filter(({ userAgent }) => userAgent === 'test');
  expect(requests.map(({ verb }) => verb)).toEqual(['get', 'patch']);
  expect(await recorded('plain')).toEqual([]);
});

test('removed fields are reported and recorded even if the object changes before the rest is written', async () => {
  await bench.bring(bench.describe('raced', 'a:1', {}, container({ args: ['--seed'] })));
  await bench.bring(bench.describe('raced', 'a:1', {}, container({})));
  const patch = { spec: { template: { spec: container({ args: ['--seed'], image: 'theirs' }) } } };
  await bench.kubectl('patch', 'deployment', 'raced', '-p', JSON.stringify(patch));
  // As `kubectl rollout undo` does, with another hash and without the record.
  const annotations = { 'example.com/applied-hash': 'old', 'example.com/given-up-fields': null };
  await bench.client.mergePatch(
    DEPLOYMENT,
    'default',
    'raced',
    { metadata: { annotations } },
    { fieldManager: 'kubectl-patch' },
  );
  const { client } = bench;
  let raced = false;
  const jsonPatch: typeof client.jsonPatch = async (...call) => {
    const answer = await client.jsonPatch(...call);
    await client.mergePatch(DEPLOYMENT, 'default', 'raced', { metadata: { annotations: { busy: 'yes' } } });
    raced = true;
    return answer as never;
  };
  const racing = { get: client.get.bind(client), apply: client.apply.bind(client), jsonPatch } as typeof client;
  const taken = await bench.bring(bench.describe('raced', 'a:1', {}, container({})), { client: racing });
  expect(raced).toBe(true);
  expect(taken).toMatchObject({ step: { action: 'update', drift: true }, written: true });
  expect(JSON.stringify(taken.step)).toContain(`${APP}.args`);
  expect(JSON.stringify((await bench.look('raced'))?.spec)).not.toContain('--seed');
  expect(await recorded('raced')).toEqual([`${APP}.args`]);
});
