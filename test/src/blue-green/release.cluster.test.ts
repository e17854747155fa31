import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { AuditMark } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { playContainer } from '../workload/play-container.ts';
import { SafetyObserver } from './observer.ts';
import { App, NEVER_READY } from './support.ts';

let world: OperatorCluster;
let operator: Awaited<ReturnType<OperatorCluster['startOperator']>>;
beforeAll(async () => {
  // Two versions of several RestAPIs ask for more than one node has.
  world = await OperatorCluster.start({ kwokNodes: 3 });
  operator = await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const COMPONENTS = ['model', 'view', 'controller', 'repository'];
/** Waits for Events of these reasons, which are written beside the rest. */
const untilTold = (name: string, ...reasons: string[]) =>
  eventually(
    async () => {
      const events = await world.list<{ reason: string; regarding: { name: string } }>('events.events.k8s.io');
      const told = new Set(events.filter(({ regarding }) => regarding.name === name).map(({ reason }) => reason));
      return reasons.every((reason) => told.has(reason));
    },
    { what: `Events of ${name}: ${reasons.join(', ')}` },
  );

test('a release: all of it beside the old version, one write to the front Service, the old pods go after the delay', async () => {
  const app = await App.start(world, 'shop', { scaleDownDelaySeconds: 8 });
  const first = await app.status();
  expect(await app.replicas('blue')).toEqual([2, 2, 2, 2]);
  expect(await app.replicas('green')).toEqual([]);
  const container = JSON.stringify(await world.get('deployment', 'shop-model-blue'));
  expect(container).toContain('http://shop-view-blue:3000');
  expect(container).toContain('"name":"shop-env-blue"');

  const mark = await world.cluster.auditMark();
  await app.image('2.0.0');
  const status = await app.untilActive('green');
  expect(await app.selected('shop')).toBe('green');
  expect(await app.selected('shop-preview')).toBe('blue');
  for (const component of COMPONENTS) expect(await app.selected(`shop-${component}`)).toBe('green');
  expect(status.lastDeploymentTime).not.toBe(first.lastDeploymentTime);
  expect(status.history).toMatchObject([{ result: 'Promoted', image: 'registry.example.com/shop:2.0.0' }]);
  expect(status.environments).toMatchObject([
    { name: 'green', role: 'active', image: 'registry.example.com/shop:2.0.0', replicas: 8, readyReplicas: 8 },
    { name: 'blue', role: 'idle', image: 'registry.example.com/shop:1.0.0', readyReplicas: 8 },
  ]);

  await app.untilReplicas('blue', 0);
  const writes = (await world.operatorRequests(mark)).filter(({ verb }) => verb === 'patch');
  const ofFront = writes.filter(({ objectRef }) => objectRef?.resource === 'services' && objectRef.name === 'shop');
  expect(ofFront).toHaveLength(1);
  // The stable Services follow, and the old pods go when the delay is over.
  const at = (name: string, resource: string) =>
    writes.filter(({ objectRef }) => objectRef?.resource === resource && objectRef.name === name).map(timeOf);
  for (const component of COMPONENTS) {
    expect(at(`shop-${component}`, 'services').every((time) => time >= timeOf(ofFront[0]))).toBe(true);
    const scaled = at(`shop-${component}-blue`, 'deployments');
    expect(scaled).toHaveLength(1);
    expect(Number(scaled[0]) - Date.parse(status.lastDeploymentTime ?? '')).toBeGreaterThanOrEqual(8_000);
  }
  await untilTold('shop', 'ReleaseStarted', 'Promoted', 'ScaledDown');

  // The next one has everything in place already: this is all a release writes.
  const again = await world.cluster.auditMark();
  await app.image('3.0.0');
  const { environments: after } = await app.untilActive('blue');
  await app.untilReplicas('green', 0);
  const all = (await world.operatorWrites(again)).filter((write) => !write.startsWith('patch restapis'));
  expect(all.sort()).toEqual(
    [
      `patch controllerrevisions shop-${after?.find(({ role }) => role === 'active')?.revision}`,
      'patch services shop',
      'patch services shop-preview',
      ...COMPONENTS.flatMap((component) => [
        `patch services shop-${component}`,
        `patch deployments shop-${component}-blue`,
        `patch deployments shop-${component}-green`,
      ]),
    ].sort(),
  );

  // Converged: whatever makes it look again, it writes nothing.
  await app.until(
    'quiet',
    ({ environments = [] }) =>
      environments[1]?.role === 'idle' &&
      environments.every(
        ({ role, readyReplicas, stopping }) => role === 'active' || (readyReplicas === 0 && !stopping),
      ),
  );
  await world.untilQuiet();
  const quiet = await world.cluster.auditMark();
  await world.kubectl('annotate', 'restapi', 'shop', 'look=again');
  await repaired('shop');
  expect(await world.operatorWrites(quiet)).toEqual(['patch services shop-preview']);
});

/** Waits until the operator has surely looked: what is changed now was put back. */
async function repaired(name: string): Promise<void> {
  await world.kubectl('label', 'service', `${name}-preview`, 'restapi.dev/traffic=other', '--overwrite');
  await eventually(async () => {
    const service = await world.get('service', `${name}-preview`);
    return service?.metadata.labels?.['restapi.dev/traffic'] === 'preview';
  });
}

function timeOf(event: { stageTimestamp?: string } | undefined): number {
  return Date.parse(event?.stageTimestamp ?? '');
}

/** Changes of the front Service since a mark. */
async function frontWrites(mark: AuditMark, name: string): Promise<number> {
  return (await world.operatorWrites(mark)).filter((write) => write === `patch services ${name}`).length;
}

test('a revision whose pods never become ready is not promoted, and aborted after the deadline', async () => {
  const app = await App.start(world, 'stuck', { progressDeadlineSeconds: 3 });
  const mark = await world.cluster.auditMark();
  await app.patch({ image: 'registry.example.com/shop:bad', model: { podAnnotations: NEVER_READY } });
  await app.until('the release has begun', ({ release }) => release?.phase === 'Preparing');
  const status = await app.until('it is rejected', ({ rejections, release }) => rejections !== undefined && !release);
  expect(status).toMatchObject({
    phase: 'Ready',
    activeEnvironment: 'blue',
    rejections: [
      { reason: 'ProgressDeadlineExceeded', message: expect.stringContaining('model (0 of 2 pods available)') },
    ],
    history: [{ result: 'Aborted', image: 'registry.example.com/shop:bad' }],
  });
  expect(status.conditions).toMatchObject([
    { type: 'Ready', status: 'True' },
    { type: 'Progressing', status: 'False', reason: 'Aborted' },
    { type: 'Promoted', status: 'False', reason: 'Aborted' },
    { type: 'Aborted', status: 'True' },
  ]);
  await app.untilReplicas('green', 0);
  expect(await app.replicas('blue')).toEqual([2, 2, 2, 2]);
  expect(await frontWrites(mark, 'stuck')).toBe(0);
  await untilTold('stuck', 'Aborted');
});

test('a change back in the midst of a release cancels it; what is active is repaired from its own revision meanwhile', async () => {
  const app = await App.start(world, 'undecided');
  const mark = await world.cluster.auditMark();
  await app.patch({ image: 'registry.example.com/shop:bad', model: { podAnnotations: NEVER_READY } });
  await app.until('the release has begun', ({ release }) => release?.phase === 'Preparing');

  const before = await world.get('deployment', 'undecided-view-blue');
  await world.kubectl('delete', 'deployment', 'undecided-view-blue');
  const after = await eventually(async () => {
    const now = await world.get('deployment', 'undecided-view-blue');
    return now?.metadata.uid !== before?.metadata.uid ? now : undefined;
  });
  expect(JSON.stringify(after)).toContain('registry.example.com/shop:1.0.0');

  await app.patch({ image: 'registry.example.com/shop:1.0.0', model: { podAnnotations: null } });
  const status = await app.untilActive('blue');
  expect(status.history).toMatchObject([{ result: 'Cancelled' }]);
  await app.untilReplicas('green', 0);
  expect(await frontWrites(mark, 'undecided')).toBe(0);
});

test('a promoted revision that is rejected: one write rolls back, and the operator reports it', async () => {
  const app = await App.start(world, 'sorry', { scaleDownDelaySeconds: 600 });
  await app.image('2.0.0');
  const promoted = await app.untilActive('green');
  const mark = await world.cluster.auditMark();
  await app.annotate('reject', promoted.environments?.find(({ role }) => role === 'active')?.revision);
  const status = await app.untilActive('blue');
  expect(status.history).toMatchObject([{ result: 'RolledBack' }, { result: 'Promoted' }]);
  expect(await frontWrites(mark, 'sorry')).toBe(1);
  expect(await app.selected('sorry')).toBe('blue');
  expect(await app.selected('sorry-model')).toBe('blue');
  await untilTold('sorry', 'RolledBack');
});

test('held by paused, then promoted by hand; a restart of the operator in between loses nothing', async () => {
  const app = await App.start(world, 'careful', {
    autoPromotion: { enabled: false },
    paused: true,
    previewReplicas: 1,
    scaleDownDelaySeconds: 600,
  });
  await app.image('2.0.0');
  const paused = await app.until('it is held', ({ release }) => release?.phase === 'Paused');
  expect(await app.replicas('green')).toEqual([1, 1, 1, 1]);
  expect(await app.selected('careful')).toBe('blue');
  expect(await app.selected('careful-preview')).toBe('green');

  await operator.stop();
  operator = await world.startOperator();
  await app.patch({ blueGreen: { paused: false } });
  const waiting = await app.until('it waits', ({ release }) => release?.phase === 'WaitingForPromotion');
  expect(waiting.release).toMatchObject({ startedAt: paused.release?.startedAt, readyAt: paused.release?.readyAt });
  await app.annotate('promote', waiting.release?.revision);
  await app.untilActive('green');
  expect(await app.replicas('green')).toEqual([2, 2, 2, 2]);
  expect(await app.replicas('blue')).toEqual([2, 2, 2, 2]);
  // It is done.
  await eventually(async () => !(await app.get()).metadata.annotations?.['restapi.dev/promote'], {
    what: 'promote is taken off',
  });
});

test('switched on and off again: each time one environment takes over from the other, and no trace stays', async () => {
  await world.apply(sample('toggled'));
  const app = new App(world, 'toggled');
  await app.until('it is ready', ({ phase }) => phase === 'Ready');
  const children = async () =>
    (await world.generated('toggled')).map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  const before = await children();

  await app.patch({ blueGreen: { enabled: true, scaleDownDelaySeconds: 1 } });
  await app.untilActive('blue');
  await eventually(async () => (await app.deployments('main')).length === 0, { what: 'main is gone' });
  await app.image('2.0.0');
  await app.untilActive('green');
  await app.patch({ blueGreen: { enabled: false } });
  await app.until('main is active', ({ activeEnvironment, phase }) => !activeEnvironment && phase === 'Ready');
  expect(await app.selected('toggled')).toBe('main');
  await eventually(async () => JSON.stringify(await children()) === JSON.stringify(before), {
    what: 'what was there before, and nothing else',
  });
});

test('the old components end in the order of calls, each when the pods before it are really gone', async () => {
  // Pods that need a second to end, as with a drain; those of the view long enough for what the status says of them.
  const endsAfter = (delay: string) => ({ podAnnotations: { 'pod-delete.stage.kwok.x-k8s.io/delay': delay } });
  const components = { view: endsAfter('6s'), controller: endsAfter('1s'), model: endsAfter('1s') };
  const app = await App.start(world, 'orderly', {}, components);
  await using observer = await SafetyObserver.start(world, { namespace: 'default', name: 'orderly', ordered: true });
  const mark = await world.cluster.auditMark();
  await app.image('2.0.0');
  await app.until('the view ends', ({ environments }) =>
    (environments ?? []).some(({ stopping }) => stopping?.message === 'Waiting for 2 pods of view to end'),
  );
  await app.untilReplicas('blue', 0);
  const order = (await world.operatorWrites(mark)).filter((write) => write.endsWith('-blue'));
  const scaled = ['view', 'controller', 'model', 'repository'].map((name) => `patch deployments orderly-${name}-blue`);
  expect(order).toEqual(scaled);
  await observer.settle();
  expect(observer.violations).toEqual([]);
  // The next release takes the environment while its pods still end.
  await app.patch({ blueGreen: { scaleDownDelaySeconds: 600 } });
  await app.image('3.0.0');
  await app.untilActive('blue');
  await app.image('4.0.0');
  await app.until('the pods of 2.0.0 end', ({ release }) => release?.phase === 'Draining');
  await app.untilActive('green');
  await observer.settle();
  expect(observer.violations).toEqual([]);
});

test('a version that dies within minReadySeconds is not promoted, a healthy one is after them', async () => {
  const app = await App.start(world, 'dying', {}, { replicas: 1, minReadySeconds: 10 });
  const pods = () => world.list<StoredObject>('pods', '-l', 'restapi.dev/name=dying,restapi.dev/environment=green');
  await app.patch({ image: 'registry.example.com/shop:dies' });
  await eventually(async () => (await app.deployments('green')).some(({ status }) => status?.readyReplicas === 1));
  const model = await eventually(async () =>
    (await pods()).find(({ metadata }) => metadata.labels?.['restapi.dev/component'] === 'model'),
  );
  const crash = { state: { waiting: { reason: 'CrashLoopBackOff' } }, restartCount: 1 };
  await playContainer(world, { pod: model.metadata.name, container: 'model' }, crash);
  const green = async () => (await app.deployments('green')).map(({ status }) => status?.availableReplicas ?? 0);
  await eventually(async () => (await green()).reduce((sum, count) => sum + count, 0) === 3, {
    what: 'the other components are available',
  });
  expect(await app.status()).toMatchObject({ activeEnvironment: 'blue', release: { phase: 'Preparing' } });

  await app.image('2.0.0');
  const { lastDeploymentTime } = await app.untilActive('green');
  const ready = (await pods()).map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? ''));
  expect(Date.parse(lastDeploymentTime ?? '') - Math.max(...ready)).toBeGreaterThanOrEqual(10_000);
});

test('a selector of the front Service edited by hand is reverted, and a deleted front Service is restored', async () => {
  const app = await App.start(world, 'meddled', { scaleDownDelaySeconds: 600 });
  await app.image('2.0.0');
  await app.untilActive('green');
  const mark = await world.cluster.auditMark();
  const patch = { spec: { selector: { 'restapi.dev/environment': 'blue' } } };
  await world.kubectl('patch', 'service', 'meddled', '--type=merge', '-p', JSON.stringify(patch));
  await eventually(async () => (await frontWrites(mark, 'meddled')) > 0 && (await app.selected('meddled')) === 'green');
  expect(await frontWrites(mark, 'meddled')).toBe(1);
  expect((await app.status()).activeEnvironment).toBe('green');

  await world.kubectl('delete', 'service', 'meddled');
  await eventually(async () => (await app.selected('meddled')) === 'green');
  await world.kubectl('delete', 'service', '-l', 'restapi.dev/name=meddled');
  await eventually(async () => (await app.selected('meddled')) === 'green');
  expect(await app.replicas('green')).toEqual([2, 2, 2, 2]);
  expect((await app.status()).history).toMatchObject([{ result: 'Promoted' }]);
});

test('the operator asked for nothing its ClusterRole does not grant', async () => {
  const refused = (await world.operatorRequests()).filter(({ responseStatus }) =>
    [401, 403].includes(responseStatus?.code ?? 0),
  );
  expect(refused).toEqual([]);
});
