import { expect, test } from 'vitest';
import { annotate, change, condition, replicas, rest, results, serving } from './model-steps.ts';

const CHECKS = [{ name: 'smoke', http: {}, successes: 1, allowedFailures: 0, intervalSeconds: 10 }] as never;

test('stopped and changed: the new version is neither promoted without pods nor judged, and is released when started', () => {
  const cluster = serving({ prePromotion: CHECKS });
  const first = cluster.front?.revision;
  change(cluster, { replicas: 0 });
  rest(cluster);
  const revision = change(cluster, { image: 'b' });
  const plan = rest(cluster);
  expect(plan).toMatchObject({ attempts: [], requeueAfterMs: undefined });
  expect([plan.status.release, plan.status.history]).toEqual([undefined, undefined]);
  expect(cluster.front).toMatchObject({ environment: 'blue', revision: first });
  expect(condition(plan, 'Progressing')).toMatchObject({ status: 'False', reason: 'Stopped' });
  expect(condition(plan, 'Progressing')?.message).toContain(revision);
  expect(condition(plan, 'Promoted')).toMatchObject({ status: 'False', reason: 'Stopped' });
  expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);

  change(cluster, { replicas: 2 });
  expect(cluster.run().status.release).toMatchObject({ phase: 'Preparing', revision });
  rest(cluster);
  expect(cluster.front?.revision).toBe(first);
  cluster.answer(true);
  rest(cluster);
  expect(cluster.front?.revision).toBe(revision);
});

test('a release does not go on while the application is stopped, and starts over when it is started', () => {
  const cluster = serving({ paused: true });
  const revision = change(cluster, { image: 'b' });
  expect(rest(cluster).status.release?.phase).toBe('Paused');
  change(cluster, { replicas: 0 }, { paused: false });
  const plan = rest(cluster);
  expect(plan.status.release).toBeUndefined();
  expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
  expect(plan.status.history).toMatchObject([{ result: 'Cancelled', message: expect.stringContaining('stopped') }]);
  change(cluster, { replicas: 2 });
  rest(cluster);
  expect(cluster.front?.revision).toBe(revision);
  expect(results(cluster)).toEqual(['Promoted', 'Cancelled']);
});

test('replicas: 0 stops the environment that is kept as well, in the order of calls', () => {
  const cluster = serving({ scaleDownDelaySeconds: 604_800 });
  change(cluster, { image: 'b' });
  rest(cluster);
  expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  change(cluster, { replicas: 0 });
  cluster.run();
  // The view, which is called by clients, ends first.
  expect(replicas(cluster, 'blue')).toEqual([2, 0, 2, 2]);
  rest(cluster);
  expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
  expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
});

test('a rejected version is left when the application is started, not while it is stopped', () => {
  const cluster = serving({ scaleDownDelaySeconds: 0 });
  const first = cluster.front?.revision;
  const revision = change(cluster, { image: 'b' });
  rest(cluster);
  change(cluster, { replicas: 0 });
  rest(cluster);
  annotate(cluster, 'reject', revision);
  rest(cluster);
  expect(cluster.front?.revision).toBe(revision);
  change(cluster, { replicas: 2 });
  rest(cluster);
  expect(cluster.front?.revision).toBe(first);
});
