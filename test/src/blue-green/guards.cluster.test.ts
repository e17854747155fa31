import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operator } from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { App, blueGreen } from './support.ts';

let world: OperatorCluster;
let operator: Operator;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 3 });
  operator = await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const IMAGE = (tag: string) => `registry.example.com/shop:${tag}`;

async function images(app: App, environment: string): Promise<string[]> {
  const deployments = await app.deployments(environment);
  const found = deployments.map(({ spec }) => /registry[^"]*/.exec(JSON.stringify(spec.template))?.[0] ?? '');
  return [...new Set(found)];
}

async function pods(labels: string): Promise<string[]> {
  return (await world.list('pods', '-l', labels)).map(({ metadata }) => metadata.uid).sort();
}

test('main is frozen from the write that turns blue-green on, and none of its pods is replaced', async () => {
  await world.apply(sample('frozen', { replicas: 1 }));
  const app = new App(world, 'frozen');
  await app.until('main serves', ({ phase }) => phase === 'Ready');
  const before = await pods('restapi.dev/name=frozen');

  await app.patch({ blueGreen: { enabled: true, paused: true } });
  const { release } = await app.until('its first release is held', (status) => status.release?.phase === 'Paused');
  await app.image('2.0.0');
  const status = await app.until(
    'the next one is held',
    (now) => now.release?.phase === 'Paused' && now.release.revision !== release?.revision,
  );
  expect(status.environments?.find(({ role }) => role === 'active')).toMatchObject({
    name: 'main',
    image: IMAGE('1.0.0'),
    revision: release?.revision,
  });
  expect(await pods('restapi.dev/name=frozen,restapi.dev/environment=main')).toEqual(before);
  expect([await images(app, 'main'), await images(app, 'blue')]).toEqual([[IMAGE('1.0.0')], [IMAGE('2.0.0')]]);

  await app.patch({ blueGreen: { paused: false } });
  await app.untilActive('blue');
});

test('a ControllerRevision of what serves comes back, also when only its label is gone', async () => {
  const app = await App.start(world, 'lost');
  const active = await app.activeRevision();
  const before = await pods('restapi.dev/name=lost,restapi.dev/environment=blue');
  await app.patch({ blueGreen: { paused: true }, image: IMAGE('unreviewed') });
  await app.until('it is held', ({ release }) => release?.phase === 'Paused');
  const name = `lost-${active}`;
  const stored = await world.get<{ metadata: never; revision: number; data: object }>('controllerrevision', name);

  await world.kubectl('delete', 'controllerrevision', name);
  const again = await eventually(
    async () => {
      const found = await world.get<{ metadata: never; revision: number; data: object }>('controllerrevision', name);
      return found;
    },
    { what: 'the ControllerRevision is stored again' },
  );
  expect([again.revision, again.data]).toEqual([stored?.revision, stored?.data]);

  await world.kubectl('label', 'controllerrevision', name, 'app.kubernetes.io/managed-by-');
  await eventually(
    async () =>
      (await world.get('controllerrevision', name))?.metadata.labels?.['app.kubernetes.io/managed-by'] !== undefined,
    { what: 'it has its label again' },
  );
  expect(await app.status()).toMatchObject({ activeEnvironment: 'blue', release: { phase: 'Paused' } });
  expect(await images(app, 'blue')).toEqual([IMAGE('1.0.0')]);
  expect(await pods('restapi.dev/name=lost,restapi.dev/environment=blue')).toEqual(before);
});

test('lost in both places: the pods stay, the status names the object, and promote replaces them in place', async () => {
  const app = await App.start(world, 'gone');
  const active = await app.activeRevision();
  await app.patch({ blueGreen: { paused: true }, image: IMAGE('unreviewed') });
  const { release } = await app.until('it is held', (status) => status.release?.phase === 'Paused');
  // Both at once: the operator restores the one from the other.
  await operator.stop();
  await Promise.all([
    world.kubectl('delete', 'controllerrevision', `gone-${active}`),
    world.kubectl('delete', 'service', 'gone'),
  ]);
  operator = await world.startOperator();
  const ready = await eventually(
    async () => {
      const { conditions = [] } = await app.status();
      return conditions.find(({ type, reason }) => type === 'Ready' && reason === 'RevisionLost');
    },
    { what: 'it is reported' },
  );
  expect(await images(app, 'blue')).toEqual([IMAGE('1.0.0')]);
  expect(ready.message).toContain(`ControllerRevision gone-${active}`);
  await app.patch({ replicas: 3 });
  await app.untilReplicas('blue', 3);
  expect(await images(app, 'blue')).toEqual([IMAGE('1.0.0')]);
  await app.annotate('promote', release?.revision);
  await eventually(async () => (await images(app, 'blue'))[0] === IMAGE('unreviewed'), { what: 'it is replaced' });
});

test('stopped and changed: nothing is promoted or kept until it is started, then the new version is released', async () => {
  const app = await App.start(world, 'asleep', { scaleDownDelaySeconds: 604_800, autoRollbackSeconds: 0 });
  await app.image('2.0.0');
  await app.untilActive('green');
  expect(await app.replicas('blue')).toEqual([2, 2, 2, 2]);

  await app.patch({ replicas: 0 });
  await app.untilReplicas('blue', 0);
  await app.untilReplicas('green', 0);
  await app.image('3.0.0');
  const status = await app.until('it waits', ({ conditions }) =>
    Boolean(conditions?.some(({ type, reason }) => type === 'Progressing' && reason === 'Stopped')),
  );
  expect(status).toMatchObject({ phase: 'Stopped', activeEnvironment: 'green' });
  expect(status.release).toBeUndefined();
  expect(await images(app, 'green')).toEqual([IMAGE('2.0.0')]);

  await app.patch({ replicas: 2 });
  await app.untilActive('blue');
  expect(await images(app, 'blue')).toEqual([IMAGE('3.0.0')]);
});

test('a name that the preview needs is taken: the RestAPI stays Ready, and a condition says so', async () => {
  await world.kubectl('create', 'service', 'clusterip', 'taken-preview', '--tcp=80');
  await world.apply(blueGreen('taken'));
  const app = new App(world, 'taken');
  const status = await app.until('it serves', ({ phase }) => phase === 'Ready');
  expect(status.conditions).toContainEqual(
    expect.objectContaining({
      type: 'PreviewFailed',
      status: 'True',
      reason: 'NameConflict',
      message: expect.stringContaining('Service taken-preview'),
    }),
  );
});

test('a quota that stops the preview is named in the rejection, and afterwards the RestAPI is Ready', async () => {
  await world.kubectl('create', 'namespace', 'tight');
  const app = await App.start(world, 'tight', { progressDeadlineSeconds: 8 }, {}, 'tight');
  const services = await world.list('services', '-n', 'tight');
  await world.kubectl('-n', 'tight', 'create', 'quota', 'few', `--hard=services=${services.length}`);
  await eventually(
    async () =>
      (await world.get<{ status?: { used?: object } }>('resourcequota', 'few', 'tight'))?.status?.used !== undefined,
    { what: 'the quota counts' },
  );
  await app.image('2.0.0');
  const during = await app.until('the release says so', ({ release }) => release?.problem !== undefined);
  expect(during.phase).toBe('Ready');
  const status = await app.until(
    'it is rejected',
    ({ rejections, release, phase, conditions }) =>
      rejections !== undefined &&
      !release &&
      phase === 'Ready' &&
      !conditions?.some(({ type }) => type === 'PreviewFailed'),
  );
  expect(status.rejections?.[0]?.message).toContain('exceeded quota: few');
  await app.untilReplicas('green', 0);
  const left = (await world.list('services', '-n', 'tight')).map(({ metadata }) => metadata.name);
  expect(left.filter((name) => name.endsWith('-green'))).toEqual([]);
});
