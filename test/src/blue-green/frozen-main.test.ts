import { expect, test } from 'vitest';
import { COMPONENTS } from '../../../resources/index.ts';
import { podTemplate } from '../../../resources/templates/pod-template.ts';
import { ModelCluster } from './model-cluster.ts';
import { annotate, change, condition, image, replicas, rest, type Settings } from './model-steps.ts';
import { stored } from './stored.ts';

/** Version `a` serves in main without blue-green, which is then turned on. */
function turnedOn(settings: Settings): ModelCluster {
  const cluster = new ModelCluster(stored('a', { enabled: false }));
  rest(cluster);
  change(cluster, {}, { enabled: true, ...settings });
  rest(cluster);
  return cluster;
}

const CHECKS = [{ name: 'smoke', http: {}, successes: 1, allowedFailures: 0, intervalSeconds: 10 }] as never;

test.each<[string, Settings]>([
  ['no automatic promotion', { autoPromotion: { enabled: false, seconds: 0 } }],
  ['paused', { paused: true }],
  ['checks before promotion', { prePromotion: CHECKS }],
])('from the write that turns blue-green on, main is changed by releases only: %s', (_, settings) => {
  const cluster = turnedOn(settings);
  const first = cluster.wanted().name;
  expect(cluster.front).toEqual({ environment: 'main', revision: first });
  expect(cluster.revisions.map(({ name }) => name)).toEqual([first]);
  const second = change(cluster, { image: 'b' });
  const plan = rest(cluster);
  expect(image(cluster, 'main')).toEqual(['a']);
  expect(replicas(cluster, 'main')).toEqual([2, 2, 2, 2]);
  expect(plan.status.release).toMatchObject({ revision: second, environment: 'blue' });
  expect(plan.upToDate).toBe(false);
  expect(condition(plan, 'Promoted')).toMatchObject({ status: 'False' });
  // What needs no release takes effect at once.
  change(cluster, { replicas: 3 });
  cluster.run();
  expect(replicas(cluster, 'main')).toEqual([3, 3, 3, 3]);
  expect(image(cluster, 'main')).toEqual(['a']);
});

test('the pods of main are not replaced when it is frozen', () => {
  const cluster = new ModelCluster(stored('a', { enabled: false }));
  rest(cluster);
  const templates = () => {
    const main = cluster.run().decision.environments.find(({ name }) => name === 'main');
    return COMPONENTS.map((component) => main && podTemplate(main, component));
  };
  const before = templates();
  change(cluster, {}, { enabled: true, paused: true });
  expect(templates()).toEqual(before);
  expect(cluster.environments.main?.model?.revision).toBe(cluster.wanted().name);
});

test('an image in the same write as enabled is deployed in place, once', () => {
  const cluster = new ModelCluster(stored('a', { enabled: false }));
  rest(cluster);
  change(cluster, { image: 'b' }, { enabled: true, paused: true });
  rest(cluster);
  expect(image(cluster, 'main')).toEqual(['b']);
  change(cluster, { image: 'c' });
  rest(cluster);
  expect(image(cluster, 'main')).toEqual(['b']);
});

test('turning it on is a switch of the same revision, which has nothing to go back to', () => {
  const cluster = turnedOn({ autoRollbackSeconds: 60 });
  expect(cluster.front).toMatchObject({ environment: 'blue', revision: cluster.wanted().name });
  expect(cluster.front?.previousRevision).toBeUndefined();
  expect(cluster.api.status?.trial).toBeUndefined();
});

test('a first release that fails after the switch goes back to the pods of main at once', () => {
  const cluster = turnedOn({ paused: true, autoRollbackSeconds: 600 });
  const first = cluster.wanted().name;
  const second = change(cluster, { image: 'b' }, { paused: false });
  rest(cluster);
  expect(cluster.front).toMatchObject({ environment: 'blue', revision: second, previousRevision: first });
  cluster.now += 60_000;
  rest(cluster);
  expect(replicas(cluster, 'main')).toEqual([2, 2, 2, 2]);
  annotate(cluster, 'reject', second);
  // The rejection is recorded, and then carried out.
  cluster.run();
  cluster.run();
  // The preview Service leads to main.
  cluster.connect();
  cluster.run();
  expect(cluster.front).toMatchObject({ environment: 'main', revision: first });
  expect(rest(cluster).status.release).toBeUndefined();
  expect(image(cluster, 'main')).toEqual(['a']);
  // The next version is released from there.
  annotate(cluster, 'reject', undefined);
  const third = change(cluster, { image: 'c' });
  rest(cluster);
  expect(cluster.front).toMatchObject({ environment: 'blue', revision: third });
});

test('turned off again, main follows the spec in place as before', () => {
  const cluster = turnedOn({ paused: true });
  change(cluster, { image: 'b' }, { enabled: false });
  rest(cluster);
  expect(cluster.front).toEqual({ environment: 'main' });
  expect(image(cluster, 'main')).toEqual(['b']);
  expect(Object.keys(cluster.environments)).toEqual(['main']);
});
