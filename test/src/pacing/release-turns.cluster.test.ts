import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RestAPIStatus } from '../../../resources/index.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { App, blueGreen, NEVER_READY } from '../blue-green/support.ts';
import { TurnObserver } from './turn-observer.ts';

const NAMESPACES = ['one', 'two', 'three'];
const MAX = 2;

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 3 });
  await world.startOperator({ maxReleases: MAX });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const settings = (namespace: string, level: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace },
  data: { LEVEL: level },
});
const fleet = NAMESPACES.flatMap((namespace) => [1, 2, 3, 4].map((number) => ({ namespace, name: `shop-${number}` })));
const isReleased = ({ phase, activeEnvironment, release }: RestAPIStatus) =>
  phase === 'Ready' && activeEnvironment === 'green' && release === undefined;

test('a ConfigMap that many RestAPIs share releases two at a time, and namespaces take turns', async () => {
  const apps = fleet.map(({ namespace, name }) => new App(world, name, namespace));
  for (const name of NAMESPACES) await world.kubectl('create', 'namespace', name);
  await world.apply(...NAMESPACES.map((namespace) => settings(namespace, 'info')));
  const variables = { envFrom: [{ configMapRef: { name: 'settings' } }] };
  await world.apply(
    ...fleet.map(({ namespace, name }) => blueGreen(name, {}, { replicas: 1, model: variables }, namespace)),
  );
  // First versions do not wait for each other.
  for (const app of apps) await app.until('its first version serves', ({ phase }) => phase === 'Ready', 90_000);

  await using observer = TurnObserver.start(world, MAX);
  await world.apply(...NAMESPACES.map((namespace) => settings(namespace, 'debug')));
  for (const app of apps) await app.until('it is released', isReleased, 120_000);
  expect(observer.failure).toBeUndefined();
  expect(observer.most.count).toBe(MAX);
  expect(observer.begun).toHaveLength(12);
  // The first two may be of one namespace, as nobody waits yet.
  expect(new Set(observer.begun.slice(0, 4)).size).toBe(3);
  const counts = new Map(NAMESPACES.map((namespace) => [namespace, 0]));
  for (const namespace of observer.begun) {
    counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
    const open = [...counts.values()].filter((count) => count < 4);
    expect((counts.get(namespace) ?? 0) - Math.min(4, ...open)).toBeLessThanOrEqual(2);
  }
  const gaps = observer.gaps.sort((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)] ?? Number.NaN;
  // A figure only, which includes the writes of an environment: release-turns.test.ts shows that the next one is woken.
  console.log(`a free slot was taken after, milliseconds: ${JSON.stringify({ median, longest: gaps.at(-1) })}`);
}, 300_000);

test("a user's word does not wait, and what hangs holds the others up until its deadline", async () => {
  const [first, second, third] = NAMESPACES.map((namespace) => new App(world, 'shop-1', namespace));
  if (!first || !second || !third) throw new Error('no RestAPIs');
  const hanging = { model: { podAnnotations: NEVER_READY }, blueGreen: { progressDeadlineSeconds: 45 } };
  for (const app of [first, second]) await app.patch(hanging);
  for (const app of [first, second]) await app.until('it hangs', ({ release }) => release?.phase === 'Preparing');
  await third.image('2.0.0');
  const { release } = await third.until('it waits', (status) => status.release?.phase === 'Queued');
  expect(release?.message).toContain('2 releases are in progress, 0 of them in this namespace');
  const last = new App(world, 'shop-2', 'three');
  await last.image('2.0.0');
  const queued = await last.until('it waits', (status) => status.release?.phase === 'Queued');
  await last.annotate('promote', queued.release?.revision);
  await last.untilActive('blue');
  expect((await third.status()).release?.phase).toBe('Queued');

  await first.until('it is given up', ({ rejections = [] }) => rejections.length > 0, 90_000);
  await third.untilActive('blue');
}, 200_000);
