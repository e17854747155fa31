import { describe, expect, test } from 'vitest';
import type { ReleasePlan } from '../../../src/blue-green/release-plan.ts';
import { ModelCluster } from './model-cluster.ts';
import { annotate, change, replicas, rest, serving } from './model-steps.ts';
import { stored } from './stored.ts';

const MIGRATE = { hooks: { migrate: { args: ['migrate'] } } };
const hookOf = ({ status }: ReleasePlan, name: string) => status.hooks?.find((one) => one.name === name);

/** Runs the operator until a hook waits for its Job, which succeeds, and on. */
function finishHooks(cluster: ModelCluster): void {
  rest(cluster);
  cluster.endHooks(true);
  rest(cluster);
}

/** The first version serves, with its migration done if there is one. */
function migrated(settings: object): ModelCluster {
  const cluster = new ModelCluster(stored('a', settings));
  finishHooks(cluster);
  return cluster;
}

describe('the migration of a release', () => {
  test('runs before the first pod of the version, and what serves is left alone', () => {
    const cluster = migrated(MIGRATE);
    const b = change(cluster, { image: 'b' });
    const waits = rest(cluster);
    expect(waits.status.release).toMatchObject({ phase: 'Migrating', revision: b, environment: 'green' });
    expect(hookOf(waits, 'migrate')).toMatchObject({ revision: b, result: 'Running' });
    expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
    cluster.endHooks(true);
    rest(cluster);
    expect(cluster.front).toMatchObject({ environment: 'green', revision: b });
    expect(cluster.hooksRun).toEqual(['migrate a', 'migrate b']);
  });

  test('is recorded in the status before its Job is created', () => {
    const cluster = migrated(MIGRATE);
    change(cluster, { image: 'b' });
    const first = cluster.run(0);
    expect(hookOf(first, 'migrate')?.result).toBe('Running');
    expect(first.decision.hooks?.filter(({ environment }) => environment.api.spec.image === 'b') ?? []).toEqual([]);
  });

  test('runs once for each version, also if that is released again', () => {
    const cluster = migrated(MIGRATE);
    const b = change(cluster, { image: 'b' });
    finishHooks(cluster);
    change(cluster, { image: 'a' });
    rest(cluster);
    expect(cluster.front?.environment).toBe('blue');
    change(cluster, { image: 'b' });
    rest(cluster);
    expect(cluster.front).toMatchObject({ environment: 'green', revision: b });
    expect(cluster.hooksRun).toEqual(['migrate a', 'migrate b']);
  });

  test('rejects the version if it fails, whose pods never start, and runs again after a retry', () => {
    const cluster = migrated({ ...MIGRATE, abortOnFailure: false });
    const b = change(cluster, { image: 'b' });
    rest(cluster);
    cluster.endHooks(false);
    const failed = rest(cluster);
    expect(failed.status.rejections).toMatchObject([
      { revision: b, reason: 'MigrationFailed', message: 'hook migrate failed: not well' },
    ]);
    expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
    expect(cluster.front?.environment).toBe('blue');
    cluster.now += 1_000;
    annotate(cluster, 'retry', b);
    finishHooks(cluster);
    expect(cluster.front).toMatchObject({ environment: 'green', revision: b });
    expect(cluster.hooksRun).toEqual(['migrate a', 'migrate b', 'migrate b']);
  });

  test('that never ends has failed after its time', () => {
    const cluster = migrated({ hooks: { migrate: { timeoutSeconds: 60 } } });
    change(cluster, { image: 'b' });
    const waits = rest(cluster);
    expect(waits.requeueAfterMs).toBe(120_000);
    cluster.now += 120_000;
    expect(rest(cluster).status.rejections?.[0]?.message).toContain('did not finish within 60 s');
  });

  test('is not needed for a way back', () => {
    const cluster = migrated(MIGRATE);
    const b = change(cluster, { image: 'b' });
    finishHooks(cluster);
    annotate(cluster, 'reject', b);
    rest(cluster);
    expect(cluster.front?.environment).toBe('blue');
    expect(cluster.hooksRun).toEqual(['migrate a', 'migrate b']);
  });

  test('that runs is left to end when another version is asked for, whose migration follows', () => {
    const cluster = migrated(MIGRATE);
    change(cluster, { image: 'b' });
    rest(cluster);
    const c = change(cluster, { image: 'c' });
    const waits = rest(cluster);
    expect(waits.status.release).toMatchObject({ phase: 'Migrating', revision: c });
    expect(waits.status.release?.message).toContain('which has to end first');
    expect(cluster.hooksRun).toEqual(['migrate a', 'migrate b']);
    cluster.endHooks(true);
    rest(cluster);
    expect(cluster.hooksRun).toEqual(['migrate a', 'migrate b', 'migrate c']);
    expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
    cluster.endHooks(true);
    expect(rest(cluster).status.migrated).toHaveLength(3);
    expect(cluster.front?.revision).toBe(c);
  });

  test('that runs is left to end when the change is taken back', () => {
    const cluster = migrated(MIGRATE);
    change(cluster, { image: 'b' });
    rest(cluster);
    change(cluster, { image: 'a' });
    rest(cluster);
    cluster.endHooks(true);
    const { status } = rest(cluster);
    expect(hookOf({ status } as ReleasePlan, 'migrate')?.result).toBe('Passed');
    expect(status.migrated).toHaveLength(2);
  });

  test('comes before a switch, even if the hook is added when the pods are ready', () => {
    const cluster = serving({ paused: true });
    change(cluster, { image: 'b' });
    rest(cluster);
    change(cluster, {}, { ...MIGRATE, paused: false });
    rest(cluster);
    expect(cluster.front?.environment).toBe('blue');
    cluster.endHooks(true);
    rest(cluster);
    expect(cluster.front?.environment).toBe('green');
  });

  test('of an operator that is killed after any write runs once', () => {
    for (let writes = 0; writes < 20; writes++) {
      const cluster = migrated(MIGRATE);
      change(cluster, { image: 'b' });
      cluster.run(writes);
      cluster.run(writes);
      rest(cluster);
      cluster.endHooks(true);
      cluster.run(writes);
      rest(cluster);
      expect(cluster.front?.environment).toBe('green');
      expect(cluster.hooksRun).toEqual(['migrate a', 'migrate b']);
    }
  });
});

describe('the migration of the first version', () => {
  test('runs before its pods start', () => {
    const cluster = new ModelCluster(stored('a', MIGRATE));
    const waits = rest(cluster);
    expect(waits.migrating).toMatchObject({ failed: false });
    expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
    cluster.endHooks(true);
    const done = rest(cluster);
    expect(done.migrating).toBeUndefined();
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
    expect(cluster.hooksRun).toEqual(['migrate a']);
  });

  test('that fails keeps it from starting, until a retry or another version', () => {
    const cluster = new ModelCluster(stored('a', MIGRATE));
    rest(cluster);
    cluster.endHooks(false);
    const failed = rest(cluster);
    expect(failed.migrating).toMatchObject({ failed: true, message: expect.stringContaining('not well') });
    expect(failed.status.rejections).toMatchObject([{ reason: 'MigrationFailed' }]);
    expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
    cluster.now += 1_000;
    annotate(cluster, 'retry', String(failed.status.rejections?.[0]?.revision));
    finishHooks(cluster);
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
    expect(cluster.hooksRun).toEqual(['migrate a', 'migrate a']);
  });

  test('that fails is left behind by another version', () => {
    const cluster = new ModelCluster(stored('a', MIGRATE));
    rest(cluster);
    cluster.endHooks(false);
    rest(cluster);
    const b = change(cluster, { image: 'b' });
    finishHooks(cluster);
    expect(cluster.front?.revision).toBe(b);
    expect(cluster.hooksRun).toEqual(['migrate a', 'migrate b']);
  });
});

describe('a first version that waits for its migration', () => {
  test('does not start because another version is asked for', () => {
    const cluster = new ModelCluster(stored('a', MIGRATE));
    rest(cluster);
    change(cluster, { image: 'b' });
    rest(cluster);
    expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
    expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
  });

  test('is nothing to go back to: another version that is released instead is not on trial', () => {
    const cluster = new ModelCluster(stored('a', { ...MIGRATE, autoRollbackSeconds: 600 }));
    rest(cluster);
    cluster.endHooks(false);
    rest(cluster);
    const b = change(cluster, { image: 'b' });
    rest(cluster);
    cluster.endHooks(true);
    expect(rest(cluster).status.trial).toBeUndefined();
    expect(cluster.front).toMatchObject({ environment: 'green', revision: b });
    expect(cluster.front?.previousRevision).toBeUndefined();
  });

  test('waits as well if it was created stopped, before there was a hook', () => {
    const cluster = new ModelCluster(stored('a'));
    change(cluster, { replicas: 0 });
    rest(cluster);
    change(cluster, { replicas: 2 }, MIGRATE);
    rest(cluster);
    expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
    cluster.endHooks(true);
    rest(cluster);
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  });
});

test('what has pods when the hook is added is not stopped, also if the operator was killed before its first status', () => {
  const cluster = new ModelCluster(stored('a'));
  cluster.run(8);
  cluster.settle();
  expect(cluster.api.status).toBeUndefined();
  change(cluster, {}, MIGRATE);
  rest(cluster);
  expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
});

test('what serves when the hook is added is not stopped, and not migrated', () => {
  const cluster = serving();
  change(cluster, {}, MIGRATE);
  const plan = rest(cluster);
  expect(plan.migrating).toBeUndefined();
  expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  expect(cluster.hooksRun).toEqual([]);
  change(cluster, { image: 'b' });
  rest(cluster);
  expect(cluster.hooksRun).toEqual(['migrate b']);
});

describe('after a switch', () => {
  const hooks = { afterPromotion: { args: ['warm'] }, afterRollback: { args: ['tell'] } };

  test('its hook runs once, and that it fails is only reported', () => {
    const cluster = serving({ hooks });
    const b = change(cluster, { image: 'b' });
    rest(cluster);
    expect(cluster.hooksRun).toEqual(['afterPromotion b']);
    cluster.endHooks(false);
    const events = cluster.run().events;
    expect(events).toMatchObject([{ type: 'Warning', reason: 'HookFailed' }]);
    const plan = rest(cluster);
    expect(hookOf(plan, 'afterPromotion')).toMatchObject({ revision: b, result: 'Failed', message: 'not well' });
    expect(plan.status.rejections).toBeUndefined();
    expect(cluster.front?.environment).toBe('green');
    annotate(cluster, 'reject', b);
    rest(cluster);
    expect(cluster.front?.environment).toBe('blue');
    expect(cluster.hooksRun).toEqual(['afterPromotion b', 'afterRollback a']);
  });

  test('a hook that is added later waits for the next switch', () => {
    const cluster = serving();
    change(cluster, { image: 'b' });
    rest(cluster);
    change(cluster, {}, { hooks });
    rest(cluster);
    expect(cluster.hooksRun).toEqual([]);
  });

  test('the Job is kept for an hour after its end, for its logs', () => {
    const cluster = serving({ hooks });
    change(cluster, { image: 'b' });
    finishHooks(cluster);
    cluster.now += 3_599_000;
    rest(cluster);
    expect(Object.keys(cluster.hookJobs)).toHaveLength(1);
    cluster.now += 2_000;
    rest(cluster);
    expect(cluster.hookJobs).toEqual({});
  });
});
