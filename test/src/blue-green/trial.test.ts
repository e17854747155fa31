import { expect, test } from 'vitest';
import type { ModelCluster } from './model-cluster.ts';
import { annotate, change, condition, image, replicas, rest, results, type Settings, serving } from './model-steps.ts';

const CHECKS = [
  { name: 'smoke', http: {}, successes: 1, allowedFailures: 0, intervalSeconds: 10, timeoutSeconds: 10 },
] as never;

/** `b` was just promoted, `a` is proven, and now `c` is requested. */
function pushed(settings: Settings = { autoRollbackSeconds: 60 }): {
  cluster: ModelCluster;
  a: string;
  b: string;
  c: string;
} {
  const cluster = serving({ scaleDownDelaySeconds: 0, ...settings });
  const a = cluster.wanted().name;
  const b = change(cluster, { image: 'b' });
  rest(cluster);
  expect(cluster.front?.revision).toBe(b);
  const c = change(cluster, { image: 'c' });
  return { cluster, a, b, c };
}

function after(cluster: ModelCluster, seconds: number) {
  cluster.now += seconds * 1_000;
  return rest(cluster);
}

test('while the active version is on trial the proven one keeps its environment, and a new push waits', () => {
  const { cluster, a, b, c } = pushed();
  const switchedAt = new Date(cluster.now).toISOString();
  const plan = rest(cluster);
  expect(plan.status.trial).toEqual({ revision: b, proven: a, since: switchedAt });
  expect(plan.status.release).toMatchObject({ phase: 'Queued', revision: c, environment: 'blue' });
  const until = new Date(cluster.now + 60_000).toISOString();
  for (const part of [b, a, until, `restapi.dev/promote=${c}`]) expect(plan.status.release?.message).toContain(part);
  expect(condition(plan, 'Progressing')).toMatchObject({ status: 'True', reason: 'Queued' });
  expect(condition(plan, 'Promoted')).toMatchObject({ status: 'False', reason: 'Queued' });
  expect(plan.requeueAfterMs).toBe(60_000);
  after(cluster, 59);
  expect([image(cluster, 'blue'), replicas(cluster, 'blue')]).toEqual([['a'], [2, 2, 2, 2]]);

  after(cluster, 1);
  expect(cluster.front).toMatchObject({ environment: 'blue', revision: c, previousRevision: b });
  expect(results(cluster)).toEqual(['Promoted', 'Promoted']);
});

test('a trial that fails goes back to the proven version, and then the push is released from there', () => {
  const { cluster, a, b, c } = pushed({ autoRollbackSeconds: 60, paused: false });
  const fronts: (string | undefined)[] = [];
  cluster.onSwitch = (_, { revision }) => fronts.push(revision);
  rest(cluster);
  for (const one of cluster.environments.green?.model?.pods ?? [])
    Object.assign(one, { available: false, failing: true });
  cluster.run();
  expect(cluster.run().status.rejections?.[0]).toMatchObject({ revision: b, reason: 'AutoRollback' });
  rest(cluster);
  expect(fronts).toEqual([a, c]);
  expect(results(cluster)).toEqual(['Promoted', 'RolledBack', 'Promoted']);
});

test('the checks after the switch are of the active version, whatever is requested by now', () => {
  const { cluster, a, b, c } = pushed({ postPromotion: CHECKS });
  const plan = after(cluster, 100);
  expect(plan.status.release).toMatchObject({ phase: 'Queued', revision: c });
  expect(plan.status.release?.message).toContain('until its checks have finished');
  expect(plan.status.checks).toMatchObject({ revision: b, result: 'Running' });
  expect(plan.attempts).toHaveLength(1);
  expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  cluster.answer(false);
  cluster.run();
  expect(cluster.run().status.rejections?.[0]).toMatchObject({ revision: b, reason: 'CheckFailed' });
  cluster.run();
  cluster.run();
  expect(cluster.front?.revision).toBe(a);
});

test('checks that pass end the trial, and the push begins', () => {
  const { cluster, c } = pushed({ postPromotion: CHECKS });
  rest(cluster);
  cluster.answer(true);
  rest(cluster);
  cluster.answer(true);
  rest(cluster);
  expect(cluster.front?.revision).toBe(c);
});

test('promote by a person lets the push begin at once, and says which way back is given up', () => {
  const { cluster, a, b, c } = pushed({ autoRollbackSeconds: 604_800 });
  rest(cluster);
  annotate(cluster, 'promote', c);
  const { events, status } = cluster.run();
  expect(events.find(({ reason }) => reason === 'ReleaseStarted')?.note).toContain(
    `the trial of revision ${b} ends without a rollback to ${a}`,
  );
  expect(status.trial).toBeUndefined();
  rest(cluster);
  expect(cluster.front?.revision).toBe(c);
});

test('a promote that was not about the push changes nothing', () => {
  const { cluster, b } = pushed({ autoRollbackSeconds: 604_800 });
  annotate(cluster, 'promote', b);
  expect(rest(cluster).status.release?.phase).toBe('Queued');
});

test.each([
  ['reject', ({ b }: Revisions) => b],
  ['rollback-to', ({ a }: Revisions) => a],
])('%s by a person acts at once', (verb, revision) => {
  const { cluster, ...revisions } = pushed({ autoRollbackSeconds: 604_800 });
  rest(cluster);
  const fronts: (string | undefined)[] = [];
  cluster.onSwitch = (_, to) => fronts.push(to.revision);
  annotate(cluster, verb, revision(revisions));
  rest(cluster);
  expect(fronts[0]).toBe(revisions.a);
});

interface Revisions {
  a: string;
  b: string;
  c: string;
}

test('a spec that requests the proven version again does not wait, and that version is not on trial', () => {
  const { cluster, a } = pushed({ autoRollbackSeconds: 604_800 });
  rest(cluster);
  change(cluster, { image: 'a' });
  const plan = rest(cluster);
  expect(cluster.front?.revision).toBe(a);
  expect(plan.status.trial).toBeUndefined();
});

test('a push that is aborted or taken back while it waits is over', () => {
  const { cluster, b, c } = pushed();
  rest(cluster);
  annotate(cluster, 'reject', c);
  expect(rest(cluster).status.release).toBeUndefined();
  expect(results(cluster)).toEqual(['Aborted', 'Promoted']);
  after(cluster, 120);
  expect(cluster.front?.revision).toBe(b);
});

test('an operator that starts in the midst of it neither begins the push nor reports it twice', () => {
  const { cluster, c } = pushed();
  const first = cluster.run();
  for (let writes = 0; writes < 14; writes++) cluster.run(writes);
  expect(first.status.release).toEqual(cluster.run().status.release);
  after(cluster, 60);
  expect(cluster.front?.revision).toBe(c);
  expect(results(cluster)).toEqual(['Promoted', 'Promoted']);
});

test('a trial that fails does not hold the push if the version before has no pods that serve', () => {
  const { cluster, c } = pushed();
  rest(cluster);
  for (const one of Object.values(cluster.environments.blue ?? {})) {
    one.image = 'bad';
    for (const pods of one.pods) Object.assign(pods, { image: 'bad', available: false });
  }
  for (const one of cluster.environments.green?.model?.pods ?? [])
    Object.assign(one, { available: false, failing: true });
  cluster.run();
  rest(cluster);
  expect(cluster.front?.revision).toBe(c);
});

test('reject of the active version while another is prepared in the place of the previous one: the other one goes on', () => {
  const cluster = serving({ scaleDownDelaySeconds: 0, paused: false });
  const b = change(cluster, { image: 'b' });
  rest(cluster);
  const c = change(cluster, { image: 'c' }, { paused: true });
  rest(cluster);
  annotate(cluster, 'reject', b);
  expect(rest(cluster).status.release).toMatchObject({ phase: 'Paused', revision: c });
});

test.each([8, 9, 11, 13])(
  'an operator that is killed after %i writes has ended no pods that a later trial needs',
  (count) => {
    const cluster = serving({ autoRollbackSeconds: 0, scaleDownDelaySeconds: 30 });
    change(cluster, { image: 'b' });
    cluster.run();
    cluster.settle();
    cluster.run();
    expect(cluster.front?.environment).toBe('green');
    // It was away, and the status does not have the switch yet.
    cluster.now += 31_000;
    cluster.connect();
    cluster.run(count);
    change(cluster, {}, { autoRollbackSeconds: 600 });
    expect(cluster.run().status.trial).toBeDefined();
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  },
);

test.each([8, 9, 11, 13])(
  'an operator that is killed after %i writes has not begun to drain them for a newer version',
  (count) => {
    const cluster = serving({ autoRollbackSeconds: 0 });
    change(cluster, { image: 'b' });
    cluster.run();
    cluster.settle();
    cluster.run();
    expect(cluster.front?.environment).toBe('green');
    // The status does not have the switch yet.
    change(cluster, { image: 'c' });
    cluster.run(count);
    change(cluster, {}, { autoRollbackSeconds: 600 });
    expect(cluster.run().status.trial).toBeDefined();
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  },
);
