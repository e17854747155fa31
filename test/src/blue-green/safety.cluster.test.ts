import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMPONENTS, type ComponentName } from '../../../resources/api/component-name.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { ManualRelease } from './manual-release.ts';
import { SafetyObserver } from './observer.ts';
import type { Violation } from './safety-monitor.ts';

// No operator runs here: releases are made by hand, well and badly, on a real control plane.
let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
});
afterAll(() => world?.[Symbol.asyncDispose]());

/** Blue serves, and is watched from then on. */
async function served(name: string, { replicas = 1, ports = ['view'] as readonly ComponentName[], on = world } = {}) {
  const app = new ManualRelease(on, name, ports);
  await app.serve({ replicas });
  const observer = await SafetyObserver.start(on, { namespace: 'default', name, least: replicas, ports, stable: [] });
  expect(observer.guardedSince).toBeGreaterThan(0);
  return { app, observer };
}

async function rules(observer: SafetyObserver): Promise<Violation['rule'][]> {
  await observer.settle();
  return [...new Set(observer.violations.map(({ rule }) => rule))].sort();
}

test('a good release and a good way back: nothing is wrong at any moment', async () => {
  const { app, observer } = await served('good', { replicas: 2 });
  await using _ = observer;
  await app.bringUp('green', { replicas: 2 });
  await app.switchTo('green');
  await app.complete(2);
  await app.scale('blue', 0);
  await app.emptied('blue');
  await app.scale('blue', 2);
  await app.preview('blue', 2);
  await app.switchTo('blue');
  await app.complete(2);
  await app.scale('green', 0);
  await app.emptied('green');
  await observer.settle();
  expect(observer.violations).toEqual([]);
});

test('from the very beginning: it is judged as soon as it is served', async () => {
  const options = { namespace: 'default', name: 'born', ports: ['view'] as const, stable: [] };
  await using observer = await SafetyObserver.start(world, options);
  expect(observer.guardedSince).toBeUndefined();
  const app = new ManualRelease(world, 'born', ['view']);
  await app.front('main');
  await app.apply('main');
  await app.available(app.deployments('main'));
  await app.complete();
  expect(await rules(observer)).toEqual([]);
  expect(observer.guardedSince).toBeGreaterThan(0);
});

test('a switch to an environment that is not ready', async () => {
  const { app, observer } = await served('early', { ports: ['repository'] });
  await using _ = observer;
  await app.apply('green', { stuck: ['repository'] });
  await app.available(app.deployments('green').filter((name) => !name.includes('repository')));
  expect(await rules(observer)).toEqual([]);
  await app.switchTo('green');
  await eventually(async () => (await rules(observer)).includes('endpoints-in-switch'));
  expect(await rules(observer)).toEqual(['endpoints-in-switch', 'pods']);
  expect(observer.violations[0]).toMatchObject({
    object: 'Service early',
    message: 'it sends to green, which has 0 ready pods of repository, not 1',
    after: 'MODIFIED Service early',
    resourceVersion: Number((await world.get('service', 'early'))?.metadata.resourceVersion),
  });
});

test('a scale-down of the active environment', async () => {
  const { app, observer } = await served('down');
  await using _ = observer;
  await app.bringUp('green');
  await app.scale('blue', 0);
  await app.emptied('blue');
  await app.switchTo('green');
  expect(await rules(observer)).toEqual(expect.arrayContaining(['active-scaled-down', 'pods']));
});

test('a scale-down of the active environment that is taken back at once', async () => {
  const { app, observer } = await served('dip', { replicas: 2 });
  await using _ = observer;
  await app.scale('blue', 1);
  await app.scale('blue', 2);
  expect(await rules(observer)).toContain('active-scaled-down');
});

test('both at 0', async () => {
  const { app, observer } = await served('none');
  await using _ = observer;
  await app.bringUp('green');
  await app.switchTo('green');
  await app.complete();
  await app.scale('blue', 0);
  expect(await rules(observer)).toEqual([]);
  await app.scale('green', 0);
  expect(await rules(observer)).toContain('both-at-zero');
});

test('the pods of the active environment are deleted', async () => {
  const { observer } = await served('killed');
  await using _ = observer;
  await world.kubectl('delete', 'pods', '-l', 'restapi.dev/name=killed,restapi.dev/component=model', '--wait=false');
  expect(await rules(observer)).toContain('pods');
});

test.each<[string, (app: ManualRelease, name: string) => Promise<unknown>]>([
  ['empty', (app) => app.patchFront({ selector: null })],
  ['too-wide', (app) => app.patchFront({ selector: { 'restapi.dev/environment': null } })],
  ['gone', (_, name) => world.kubectl('delete', 'service', name)],
])('the selector of the front Service is %s for a moment', async (name, spoil) => {
  const { app, observer } = await served(name);
  await using _ = observer;
  await spoil(app, name);
  await app.front('blue');
  expect(await rules(observer)).toContain('front');
});

test('a port that leads nowhere', async () => {
  const { app, observer } = await served('lost');
  await using _ = observer;
  await app.patchFront({ ports: [{ name: 'view', port: 3000, targetPort: 'nothing' }] });
  await eventually(async () => (await rules(observer)).length > 0);
  expect(observer.violations).toMatchObject([{ rule: 'endpoints', message: 'port view has 0 ready endpoints, not 1' }]);
});

test('a front Service of several components loses ports in a switch, by the way Kubernetes writes EndpointSlices', async () => {
  const { app, observer } = await served('several', { ports: COMPONENTS });
  await using _ = observer;
  await app.bringUp('green');
  expect(await rules(observer)).toEqual([]);
  await app.switchTo('green');
  await app.complete();
  expect(await rules(observer)).toEqual(['endpoints-in-switch']);
});

/** The selector is wrong for a moment while the watches may not be back yet. */
async function wrongInOutage(on: OperatorCluster, app: ManualRelease): Promise<void> {
  await on.cluster.killApiServer();
  await on.cluster.startApiServer();
  await app.switchTo('red');
  await app.front('blue');
}

test('what could not be seen is not called safe', async () => {
  const { app, observer } = await served('away');
  await using _ = observer;
  await wrongInOutage(world, app);
  // A new API server's watch cache knows nothing of what was before it; the watch may have been back in time all the same.
  const found = await rules(observer).catch((error: Error) => [error.message]);
  expect(found).not.toEqual([]);
});

test('without a watch cache an outage of the API server leaves no gap', async () => {
  await using other = await OperatorCluster.start({ apiServerFlags: ['--watch-cache=false'] });
  const { app, observer } = await served('away', { on: other });
  await using _ = observer;
  await wrongInOutage(other, app);
  expect(await rules(observer)).toContain('front');
});
