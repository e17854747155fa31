import { expect, test } from 'vitest';
import type { ModelCluster } from './model-cluster.ts';
import { change, replicas, rest, serving } from './model-steps.ts';

const SECOND = 1_000;

/** Version `b` was just promoted, with four pods of each component. */
function promoted(settings: object = {}): ModelCluster {
  const cluster = serving({ autoRollbackSeconds: 600, ...settings });
  change(cluster, { image: 'b', replicas: 4 });
  rest(cluster);
  expect(cluster.front?.environment).toBe('green');
  return cluster;
}

/** So many of the model's pods fail, of as many as there are. */
function fail(cluster: ModelCluster, count: number): void {
  const model = cluster.environments.green?.model;
  const total = model?.pods.reduce((sum, pods) => sum + pods.count, 0) ?? 0;
  const pods = [
    { image: 'b', count: total - count, available: true },
    { image: 'b', count, available: false, failing: true },
  ];
  if (model) model.pods = pods.filter((one) => one.count > 0);
  cluster.connect();
}

function runFor(cluster: ModelCluster, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    cluster.now += SECOND;
    cluster.run();
  }
}

test('some pods fail: the version is left only when that has lasted for autoRollbackFailingSeconds', () => {
  const cluster = promoted();
  fail(cluster, 3);
  cluster.run();
  const since = new Date(cluster.now).toISOString();
  expect(cluster.api.status?.trial?.failing).toEqual([{ component: 'model', since }]);
  // The next run is due when that time is over.
  expect(cluster.run().requeueAfterMs).toBe(30 * SECOND);
  runFor(cluster, 29);
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
  runFor(cluster, 1);
  expect(cluster.api.status?.rejections?.[0]).toMatchObject({ reason: 'AutoRollback' });
  rest(cluster);
  expect(cluster.front?.environment).toBe('blue');
});

test('a failure that passes is counted from the start when it returns', () => {
  const cluster = promoted();
  for (const _ of [1, 2, 3]) {
    fail(cluster, 3);
    runFor(cluster, 20);
    fail(cluster, 0);
    runFor(cluster, 1);
    expect(cluster.api.status?.trial).not.toHaveProperty('failing');
  }
  expect(cluster.front?.environment).toBe('green');
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
});

test('with no pod left there is nothing to wait for', () => {
  const cluster = promoted();
  fail(cluster, 4);
  runFor(cluster, 3);
  expect(cluster.front?.environment).toBe('blue');
});

test('one pod that failed while the others only start is not the failure of the version', () => {
  const cluster = promoted();
  const model = cluster.environments.green?.model;
  if (model) {
    model.pods = [
      { image: 'b', count: 3, available: false },
      { image: 'b', count: 1, available: false, failing: true },
    ];
  }
  runFor(cluster, 20);
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
});

test('what failed within autoRollbackSeconds is judged to the end, and the old version keeps its pods so long', () => {
  const cluster = promoted({ autoRollbackSeconds: 60, scaleDownDelaySeconds: 0 });
  runFor(cluster, 50);
  fail(cluster, 3);
  runFor(cluster, 25);
  expect(replicas(cluster, 'blue')).toEqual([4, 4, 4, 4]);
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
  runFor(cluster, 10);
  expect(cluster.front?.environment).toBe('blue');
});

test('what begins to fail after autoRollbackSeconds is not rolled back', () => {
  const cluster = promoted({ autoRollbackSeconds: 60 });
  runFor(cluster, 61);
  expect(cluster.api.status?.trial).toBeUndefined();
  fail(cluster, 4);
  runFor(cluster, 60);
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
  // A longer time that is set later puts nothing on trial again.
  change(cluster, {}, { autoRollbackSeconds: 6_000 });
  runFor(cluster, 60);
  expect(cluster.front?.environment).toBe('green');
});

test('scaled up, drained, stopped and started: none of that is the failure of the version', () => {
  const cluster = promoted();
  change(cluster, { replicas: 40 });
  runFor(cluster, 60);
  for (const { pods } of Object.values(cluster.environments.green ?? {})) for (const one of pods) one.available = false;
  runFor(cluster, 60);
  change(cluster, { replicas: 0 });
  rest(cluster);
  expect(cluster.api.status?.trial).toEqual({
    revision: cluster.front?.revision,
    proven: cluster.front?.previousRevision,
  });
  change(cluster, { replicas: 4 });
  runFor(cluster, 60);
  expect(cluster.front?.environment).toBe('green');
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
});
