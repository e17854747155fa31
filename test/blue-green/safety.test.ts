import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMPONENTS, type ComponentName } from '../../resources/component-name.ts';
import { eventually, World } from '../operator/world.ts';
import { type EnvironmentOptions, environmentObjects, frontService, objectName, previewService } from './hand-made.ts';
import { SERVICE_NAME } from './labels.ts';
import { type EndpointSlice, isReady } from './objects.ts';
import { SafetyObserver } from './observer.ts';
import type { Violation } from './safety-monitor.ts';

// No operator runs here: releases are made by hand, well and badly, on a real control plane.
let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const patchFront = (name: string, spec: object) =>
  world.kubectl('patch', 'service', name, '--type=merge', '-p', JSON.stringify({ spec }));
const switchTo = (name: string, environment: string) =>
  patchFront(name, { selector: { 'restapi.dev/environment': environment } });
const deploymentsOf = (name: string, environment: string) =>
  COMPONENTS.map((component) => `deployment/${objectName(name, environment, component)}`);
const scale = (name: string, environment: string, replicas: number) =>
  world.kubectl('scale', ...deploymentsOf(name, environment), `--replicas=${replicas}`);

/** Waits until every port of a Service leads to as many ready endpoints. */
async function complete(service: string, count = 1, expected: readonly ComponentName[] = ['view']): Promise<void> {
  await eventually(async () => {
    const slices = await world.list<EndpointSlice>('endpointslices', '-l', `${SERVICE_NAME}=${service}`);
    return expected.every((port) => {
      const ready = slices
        .filter(({ ports }) => ports?.some(({ name }) => name === port))
        .flatMap(({ endpoints }) => (endpoints ?? []).filter(isReady));
      return ready.length === count;
    });
  });
}

async function bringUp(name: string, environment: string, options: EnvironmentOptions = {}): Promise<void> {
  await world.apply(...environmentObjects(name, environment, options), previewService(name, environment));
  await complete(`${name}-preview`, options.replicas ?? 1, COMPONENTS);
}

/** Blue serves, and is watched from then on. */
async function served(name: string, replicas = 1, ports: readonly ComponentName[] = ['view']) {
  await bringUp(name, 'blue', { replicas });
  await world.apply(frontService(name, 'blue', ports));
  await complete(name, replicas, ports);
  const observer = await SafetyObserver.start(world, { namespace: 'default', name, least: replicas, ports });
  expect(observer.guardedSince).toBeGreaterThan(0);
  return observer;
}

async function rules(observer: SafetyObserver): Promise<Violation['rule'][]> {
  await observer.settle();
  return [...new Set(observer.violations.map(({ rule }) => rule))].sort();
}

test('a good release and a good way back: nothing is wrong at any moment', async () => {
  await using observer = await served('good', 2);
  await bringUp('good', 'green', { replicas: 2 });
  await switchTo('good', 'green');
  await complete('good', 2);
  await scale('good', 'blue', 0);
  await scale('good', 'blue', 2);
  await world.kubectl('wait', '--for=condition=Available', ...deploymentsOf('good', 'blue'), '--timeout=30s');
  await world.apply(previewService('good', 'blue'));
  await complete('good-preview', 2, COMPONENTS);
  await switchTo('good', 'blue');
  await scale('good', 'green', 0);
  await complete('good', 2);
  await observer.settle();
  expect(observer.violations).toEqual([]);
});

test('from the very beginning: it is judged as soon as it is served', async () => {
  await using observer = await SafetyObserver.start(world, { namespace: 'default', name: 'born', ports: ['view'] });
  expect(observer.guardedSince).toBeUndefined();
  await world.apply(frontService('born', 'main'), ...environmentObjects('born', 'main'));
  await world.kubectl('wait', '--for=condition=Available', ...deploymentsOf('born', 'main'), '--timeout=30s');
  await complete('born');
  expect(await rules(observer)).toEqual([]);
  expect(observer.guardedSince).toBeGreaterThan(0);
});

test('a switch to an environment that is not ready', async () => {
  await using observer = await served('early', 1, ['repository']);
  await world.apply(
    ...environmentObjects('early', 'green', { stuck: ['repository'] }),
    previewService('early', 'green'),
  );
  const others = deploymentsOf('early', 'green').filter((name) => !name.includes('repository'));
  await world.kubectl('wait', '--for=condition=Available', ...others, '--timeout=30s');
  expect(await rules(observer)).toEqual([]);
  await switchTo('early', 'green');
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
  await using observer = await served('down');
  await bringUp('down', 'green');
  await scale('down', 'blue', 0);
  await world.kubectl('wait', '--for=delete', 'pods', '-l', 'restapi.dev/name=down,restapi.dev/environment=blue');
  await switchTo('down', 'green');
  expect(await rules(observer)).toContain('active-scaled-down');
  expect(await rules(observer)).toContain('pods');
});

test('a scale-down of the active environment that is taken back at once', async () => {
  await using observer = await served('dip', 2);
  await scale('dip', 'blue', 1);
  await scale('dip', 'blue', 2);
  expect(await rules(observer)).toContain('active-scaled-down');
});

test('both at 0', async () => {
  await using observer = await served('none');
  await bringUp('none', 'green');
  await switchTo('none', 'green');
  await complete('none');
  await scale('none', 'blue', 0);
  expect(await rules(observer)).toEqual([]);
  await world.kubectl('scale', `deployment/${objectName('none', 'green', 'view')}`, '--replicas=0');
  expect(await rules(observer)).toContain('both-at-zero');
});

test('the pods of the active environment are deleted', async () => {
  await using observer = await served('killed');
  await world.kubectl('delete', 'pods', '-l', 'restapi.dev/name=killed,restapi.dev/component=model', '--wait=false');
  expect(await rules(observer)).toContain('pods');
});

test.each<[string, (name: string) => Promise<unknown>, Violation['rule']]>([
  ['empty', (name) => patchFront(name, { selector: null }), 'front'],
  ['wide', (name) => patchFront(name, { selector: { 'restapi.dev/environment': null } }), 'front'],
  ['deleted', (name) => world.kubectl('delete', 'service', name), 'front'],
])('the selector of the front Service is %s for one moment', async (name, spoil, rule) => {
  await using observer = await served(name);
  await spoil(name);
  await world.apply(frontService(name, 'blue'));
  expect(await rules(observer)).toContain(rule);
});

test('a port that leads nowhere', async () => {
  await using observer = await served('lost');
  const patch = [{ op: 'replace', path: '/spec/ports/0/targetPort', value: 'nothing' }];
  await world.kubectl('patch', 'service', 'lost', '--type=json', '-p', JSON.stringify(patch));
  await eventually(async () => (await rules(observer)).length > 0);
  expect(observer.violations).toMatchObject([{ rule: 'endpoints', message: 'port view has 0 ready endpoints, not 1' }]);
});

test('a front Service of several components loses ports in every switch, by the way Kubernetes writes EndpointSlices', async () => {
  await using observer = await served('wide-front', 1, COMPONENTS);
  await bringUp('wide-front', 'green');
  expect(await rules(observer)).toEqual([]);
  await switchTo('wide-front', 'green');
  await complete('wide-front', 1, COMPONENTS);
  expect(await rules(observer)).toEqual(['endpoints-in-switch']);
});

test('an outage of the API server leaves no gap, or settle() says that there is one', async () => {
  await using observer = await served('away');
  await world.cluster.killApiServer();
  await world.cluster.startApiServer();
  await patchFront('away', { selector: null });
  await world.apply(frontService('away', 'blue'));
  // The watch may be back in time or not: a new API server's watch cache knows nothing of what was before it.
  const found = await rules(observer).catch((error: Error) => [error.message]);
  expect(found).not.toEqual([]);
});

test('without the watch cache, which forgets, an outage of the API server leaves no gap', async () => {
  await using other = await World.start({ apiServerFlags: ['--watch-cache=false'] });
  const front = (environment: string) => other.apply(frontService('shop', environment));
  await other.apply(frontService('shop', 'main'), ...environmentObjects('shop', 'main'));
  await other.kubectl('wait', '--for=condition=Available', ...deploymentsOf('shop', 'main'), '--timeout=30s');
  await using observer = await SafetyObserver.start(other, { namespace: 'default', name: 'shop', ports: ['view'] });
  await other.cluster.killApiServer();
  await other.cluster.startApiServer();
  await front('red');
  await front('main');
  expect(await rules(observer)).toContain('front');
});
