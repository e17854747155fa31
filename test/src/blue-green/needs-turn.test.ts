import { expect, test } from 'vitest';
import { slotOf } from '../../../src/blue-green/release-slot.ts';
import type { TurnWait } from '../../../src/blue-green/turn-wait.ts';
import { ModelCluster } from './model-cluster.ts';
import { annotate, change, condition, image, replicas, rest, results, serving } from './model-steps.ts';
import { stored } from './stored.ts';

const FULL: TurnWait = { max: 5, inProgress: 5, inNamespace: 3, recheckMs: 300_000 };

/** `a` serves, and as many releases of others are in progress as may be. */
function full(settings: Parameters<typeof serving>[0] = {}): ModelCluster {
  const cluster = serving({ autoRollbackSeconds: 0, scaleDownDelaySeconds: 0, ...settings });
  cluster.wait = FULL;
  return cluster;
}

test('a release that has to wait for others is queued without pods, and begins when a slot is free', () => {
  const cluster = full();
  const b = change(cluster, { image: 'b' });
  const since = new Date(cluster.now).toISOString();
  const plan = rest(cluster);
  expect(plan.status.release).toMatchObject({ phase: 'Queued', revision: b, environment: 'green', queuedAt: since });
  expect(plan.status.release?.message).toContain('5 releases are in progress, 3 of them in this namespace');
  expect(plan.status.release?.message).toContain('5 at a time (--max-releases)');
  expect(condition(plan, 'Progressing')).toMatchObject({ status: 'True', reason: 'Queued' });
  expect(plan.requeueAfterMs).toBe(300_000);
  expect(replicas(cluster, 'green')).toEqual([]);

  cluster.wait = undefined;
  expect(cluster.run().status.release).toMatchObject({ phase: 'Preparing', revision: b });
  expect(cluster.api.status?.release?.queuedAt).toBeUndefined();
  rest(cluster);
  expect(cluster.front?.revision).toBe(b);
  expect(results(cluster)).toEqual(['Promoted']);
});

test('with free slots the message says that others go first', () => {
  const cluster = full();
  cluster.wait = { ...FULL, inProgress: 4 };
  change(cluster, { image: 'b' });
  expect(rest(cluster).status.release?.message).toMatch(/^Waiting for its turn: releases of other RestAPIs go first/);
});

test('a newer version keeps the place of the one that waits', () => {
  const cluster = full();
  change(cluster, { image: 'b' });
  const { queuedAt } = rest(cluster).status.release ?? {};
  cluster.now += 60_000;
  const c = change(cluster, { image: 'c' });
  const { release } = rest(cluster).status;
  expect(release).toMatchObject({ phase: 'Queued', revision: c, queuedAt });
  expect(release?.startedAt).not.toBe(queuedAt);
});

test('what has begun goes on, and a newer version takes its slot', () => {
  const cluster = full();
  cluster.wait = undefined;
  change(cluster, { image: 'b' });
  cluster.run();
  cluster.wait = FULL;
  expect(cluster.run().status.release?.phase).toBe('Preparing');
  const c = change(cluster, { image: 'c' });
  expect(cluster.run().status.release).toMatchObject({ phase: 'Preparing', revision: c });
  rest(cluster);
  expect(cluster.front?.revision).toBe(c);
});

test('a version in the place of one that held no slot waits, and the pods of that one end', () => {
  const cluster = full({ paused: true });
  cluster.wait = undefined;
  change(cluster, { image: 'b' });
  expect(rest(cluster).status.release?.phase).toBe('Paused');
  cluster.wait = FULL;
  const c = change(cluster, { image: 'c' });
  expect(rest(cluster).status.release).toMatchObject({ phase: 'Queued', revision: c });
  expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
});

test('a release whose slot was lost, as it hangs for long, gives none to a newer version', () => {
  const cluster = full({ abortOnFailure: false, progressDeadlineSeconds: 60 });
  cluster.wait = undefined;
  change(cluster, { image: 'bad' });
  expect(rest(cluster).status.release?.phase).toBe('Preparing');
  cluster.wait = FULL;
  cluster.now += 121_000;
  expect(cluster.run().status.release?.phase).toBe('Preparing');
  change(cluster, { image: 'c' });
  expect(cluster.run().status.release?.phase).toBe('Queued');
});

test('a release that was begun by an operator that was killed before it wrote the status goes on', () => {
  const cluster = full();
  cluster.wait = undefined;
  const b = change(cluster, { image: 'b' });
  // It is killed after the first Deployment.
  for (let writes = 0; image(cluster, 'green').length === 0; writes++) cluster.run(writes);
  expect(cluster.api.status?.release).toBeUndefined();
  expect(image(cluster, 'green')).toEqual(['b']);
  cluster.wait = FULL;
  expect(cluster.run().status.release).toMatchObject({ phase: 'Preparing', revision: b });
});

test('a migration takes a slot, and runs only when it is its turn', () => {
  const cluster = full();
  const b = change(cluster, { image: 'b' }, { hooks: { migrate: { command: ['migrate'] } } });
  const plan = rest(cluster);
  expect(plan.decision.hooks).toBeUndefined();
  expect(plan.status.hooks).toBeUndefined();
  cluster.wait = undefined;
  cluster.run();
  cluster.wait = FULL;
  expect(cluster.run().status.release).toMatchObject({ phase: 'Migrating', revision: b });
  expect(slotOf(cluster.api)).toBe('InProgress');
});

test('the first deployment and a change without blue-green releases do not wait', () => {
  const first = new ModelCluster(stored('a'));
  first.wait = FULL;
  rest(first);
  expect(first.front).toMatchObject({ environment: 'blue' });
  expect(first.api.status?.release).toBeUndefined();

  // Nothing serves yet that the next version could wait for.
  const failed = new ModelCluster(stored('bad'));
  failed.wait = FULL;
  rest(failed);
  const b = change(failed, { image: 'b' });
  rest(failed);
  expect(failed.front?.revision).toBe(b);

  const plain = new ModelCluster(stored('a', { enabled: false }));
  plain.wait = FULL;
  rest(plain);
  change(plain, { image: 'b' });
  rest(plain);
  expect(image(plain, 'main')).toEqual(['b']);
});

test('no way back waits: rejected by a user or by its pods, by name, or a revert while the pods are there', () => {
  const ways: [string, (cluster: ModelCluster, a: string, b: string) => void][] = [
    ['reject', (cluster, _a, b) => annotate(cluster, 'reject', b)],
    ['rollback-to', (cluster, a) => annotate(cluster, 'rollback-to', a)],
    ['revert', (cluster) => void change(cluster, { image: 'a' })],
    [
      'failing pods',
      (cluster) => {
        for (const one of cluster.environments.green?.model?.pods ?? [])
          Object.assign(one, { available: false, failing: true });
      },
    ],
  ];
  for (const [way, goBack] of ways) {
    const cluster = serving({ autoRollbackSeconds: 60, scaleDownDelaySeconds: 600 });
    const a = cluster.wanted().name;
    const b = change(cluster, { image: 'b' });
    rest(cluster);
    expect(cluster.front?.revision).toBe(b);
    cluster.wait = FULL;
    goBack(cluster, a, b);
    rest(cluster);
    expect([way, cluster.front?.revision]).toEqual([way, a]);
  }
});

test("a revert to a version without pods costs as much as any other release, and waits; a user's word does not", () => {
  const cluster = full();
  cluster.wait = undefined;
  const a = cluster.wanted().name;
  change(cluster, { image: 'b' });
  rest(cluster);
  cluster.now += 60_000;
  rest(cluster);
  expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
  cluster.wait = FULL;
  expect(change(cluster, { image: 'a' })).toBe(a);
  expect(rest(cluster).status.release).toMatchObject({ phase: 'Queued', revision: a });

  annotate(cluster, 'promote', a);
  rest(cluster);
  expect(cluster.front?.revision).toBe(a);
});

test('a release waits for the trial first, and then for its turn', () => {
  const cluster = serving({ autoRollbackSeconds: 60, scaleDownDelaySeconds: 0 });
  change(cluster, { image: 'b' });
  rest(cluster);
  cluster.wait = FULL;
  const c = change(cluster, { image: 'c' });
  const onTrial = rest(cluster);
  expect(onTrial.needsTurn).toBe(false);
  expect(onTrial.status.release).toMatchObject({ phase: 'Queued', revision: c });
  expect(onTrial.status.release?.queuedAt).toBeUndefined();
  cluster.now += 61_000;
  const { trial, release } = rest(cluster).status;
  expect(trial).toBeUndefined();
  expect(release).toMatchObject({ phase: 'Queued', revision: c, queuedAt: new Date(cluster.now).toISOString() });
});

test('turning blue-green on is a release: main is frozen, and waits', () => {
  const cluster = new ModelCluster(stored('a', { enabled: false }));
  rest(cluster);
  cluster.wait = FULL;
  change(cluster, {}, { enabled: true });
  expect(rest(cluster).status.release).toMatchObject({ phase: 'Queued', environment: 'blue' });
  change(cluster, { image: 'b' });
  expect(rest(cluster).status.release).toMatchObject({ phase: 'Queued', environment: 'blue' });
  expect(image(cluster, 'main')).toEqual(['a']);
  cluster.wait = undefined;
  rest(cluster);
  expect(cluster.front?.environment).toBe('blue');
});
