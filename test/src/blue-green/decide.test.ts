import { describe, expect, test } from 'vitest';
import { planRelease } from '../../../src/blue-green/plan-release.ts';
import { ModelCluster } from './model-cluster.ts';
import { annotate, change, condition, replicas, rest, results, serving } from './model-steps.ts';
import { stored } from './stored.ts';

test('the first version is active at once, and nothing else is there', () => {
  const cluster = new ModelCluster(stored('a'));
  const { decision, requeueAfterMs, events } = cluster.run();
  expect(decision.front).toEqual({ environment: 'blue', revision: cluster.wanted().name });
  expect(decision.environments.map(({ name }) => name)).toEqual(['blue']);
  expect({ preview: decision.preview, requeueAfterMs, events }).toEqual({ preview: 'green', events: [] });
});

test('without blue-green there is main, no revision and nothing in the status', () => {
  const cluster = new ModelCluster(stored('a', { enabled: false }));
  const { decision, status, conditions } = rest(cluster);
  expect(decision).toMatchObject({ front: { environment: 'main' }, revisions: [], preview: undefined });
  expect({ status, conditions }).toEqual({ status: {}, conditions: [] });
});

test('a release: prepared with the pods of a preview, then all of them, then the switch, then the delay', () => {
  const cluster = serving({ previewReplicas: 1, autoPromotion: { enabled: true, seconds: 60 } });
  const before = cluster.wanted().name;
  const revision = change(cluster, { image: 'b' });
  expect(cluster.run().status.release).toMatchObject({ phase: 'Preparing', revision, environment: 'green' });
  expect(replicas(cluster, 'green')).toEqual([1, 1, 1, 1]);
  cluster.settle();
  expect(cluster.run()).toMatchObject({
    status: { release: { phase: 'WaitingForPromotion' } },
    requeueAfterMs: 60_000,
  });
  cluster.now += 60_000;
  cluster.run();
  expect(replicas(cluster, 'green')).toEqual([2, 2, 2, 2]);
  expect(cluster.front?.environment).toBe('blue');
  cluster.settle();
  const switchedAt = new Date(cluster.now).toISOString();
  expect(cluster.run().decision.front).toEqual({
    environment: 'green',
    revision,
    previousRevision: before,
    switchedAt,
  });
  cluster.settle();
  expect(cluster.run()).toMatchObject({
    requeueAfterMs: 30_000,
    decision: { preview: 'blue' },
    status: { activeEnvironment: 'green', lastDeploymentTime: switchedAt, history: [{ result: 'Promoted', revision }] },
  });
  cluster.now += 29_999;
  cluster.run();
  expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  cluster.now += 1;
  expect(cluster.run().events).toEqual([]);
  expect(replicas(cluster, 'blue')).toEqual([2, 0, 2, 2]);
  rest(cluster);
  expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
});

test('the old revision keeps its pods while the new one is unhealthy', () => {
  const cluster = serving();
  change(cluster, { image: 'b' });
  rest(cluster);
  for (const { pods } of Object.values(cluster.environments.green ?? {})) for (const one of pods) one.available = false;
  cluster.now += 31_000;
  cluster.run();
  expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
});

describe('the switch waits', () => {
  test('for pods that are not available', () => {
    const cluster = serving();
    change(cluster, { image: 'bad' });
    rest(cluster);
    expect(cluster.front?.environment).toBe('blue');
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
  });
  test('for pods that are available but not behind the Service yet', () => {
    const cluster = serving();
    change(cluster, { image: 'b' });
    cluster.run();
    const { endpoints } = cluster;
    cluster.settle();
    cluster.endpoints = endpoints;
    expect(cluster.run().status.release?.message).toContain('0 of 2 pods behind the Service');
    expect(cluster.front?.environment).toBe('blue');
    cluster.connect();
    cluster.run();
    expect(cluster.run().status.activeEnvironment).toBe('green');
  });
  test('while spec.blueGreen.paused', () => {
    const cluster = serving({ paused: true });
    change(cluster, { image: 'b' });
    expect(condition(rest(cluster), 'Paused')).toMatchObject({ status: 'True' });
    expect(cluster.front?.environment).toBe('blue');
    change(cluster, { image: 'b' }, { paused: false });
    rest(cluster);
    expect(cluster.front?.environment).toBe('green');
  });
  test('for the annotation promote of this very revision, if nothing is promoted by itself', () => {
    const cluster = serving({ autoPromotion: { enabled: false, seconds: 0 } });
    const revision = change(cluster, { image: 'b' });
    annotate(cluster, 'promote', 'another');
    expect(rest(cluster)).toMatchObject({
      requeueAfterMs: undefined,
      status: { release: { phase: 'WaitingForPromotion', message: expect.stringContaining(`promote=${revision}`) } },
    });
    expect(cluster.front?.environment).toBe('blue');
    annotate(cluster, 'promote', revision);
    rest(cluster);
    expect(cluster.front?.environment).toBe('green');
  });
  test('for such an annotation once: the next release needs a new one', () => {
    const cluster = serving({ autoPromotion: { enabled: false, seconds: 0 } });
    const promote = (image: string) => {
      annotate(cluster, 'promote', change(cluster, { image }));
      rest(cluster);
    };
    promote('b');
    expect(cluster.api.metadata.annotations).toEqual({});
    promote('c');
    change(cluster, { image: 'b' });
    expect(rest(cluster).status.release).toMatchObject({ phase: 'WaitingForPromotion' });
    // A request for a release that has not begun stays until then.
    const ahead = serving({ autoPromotion: { enabled: false, seconds: 0 } });
    const revision = change(ahead, { image: 'b' });
    change(ahead, { image: 'a' });
    annotate(ahead, 'promote', revision);
    rest(ahead);
    expect(Object.keys(ahead.api.metadata.annotations ?? {})).toEqual(['restapi.dev/promote']);
    change(ahead, { image: 'b' });
    rest(ahead);
    expect(ahead.front?.revision).toBe(revision);
    expect(ahead.api.metadata.annotations).toEqual({});
  });
});

describe('a release that does not become ready', () => {
  test('is recorded as rejected first, and only then aborted', () => {
    const cluster = serving();
    const revision = change(cluster, { image: 'bad' });
    expect(rest(cluster).requeueAfterMs).toBe(600_000);
    cluster.now += 600_000;
    expect(cluster.run().status.rejections?.[0]).toMatchObject({ revision, reason: 'ProgressDeadlineExceeded' });
    expect(replicas(cluster, 'green')).toEqual([2, 2, 2, 2]);
    const plan = cluster.run();
    expect(replicas(cluster, 'green')).toEqual([2, 0, 2, 2]);
    expect(plan.status.release).toBeUndefined();
    expect(plan.events.map(({ reason }) => reason)).toEqual(['Aborted']);
    expect(condition(plan, 'Aborted')).toMatchObject({ reason: 'ProgressDeadlineExceeded' });
    expect(rest(cluster).status.release).toBeUndefined();
    expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
    expect(results(cluster)).toEqual(['Aborted']);
  });
  test('restarts the deadline with each pod that becomes available', () => {
    const cluster = serving();
    change(cluster, { image: 'b' });
    cluster.run();
    cluster.now += 599_000;
    cluster.roll('green', 'model');
    cluster.roll('green', 'model');
    cluster.run();
    cluster.now += 599_000;
    expect(cluster.run().status.rejections?.[0]).toBeUndefined();
    cluster.now += 1_000;
    expect(cluster.run().status.rejections?.[0]).toBeDefined();
  });
  test('adds minReadySeconds to the deadline: a pod that became ready last must still prove itself', () => {
    const cluster = serving({ progressDeadlineSeconds: 5 });
    change(cluster, { image: 'bad' });
    cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, minReadySeconds: 10 } };
    expect(rest(cluster).requeueAfterMs).toBe(15_000);
  });
  test('is left as it is with abortOnFailure: false', () => {
    const cluster = serving({ abortOnFailure: false });
    change(cluster, { image: 'bad' });
    rest(cluster);
    cluster.now += 6_000_000;
    expect(rest(cluster)).toMatchObject({ requeueAfterMs: undefined, status: { release: { phase: 'Preparing' } } });
    expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
  });
  test('is tried once more for one annotation retry', () => {
    const cluster = serving();
    const revision = change(cluster, { image: 'bad' });
    const fail = () => {
      rest(cluster);
      cluster.now += 600_000;
      rest(cluster);
    };
    fail();
    expect(cluster.api.status?.release).toBeUndefined();
    annotate(cluster, 'retry', revision);
    rest(cluster);
    expect(cluster.api.status?.release).toMatchObject({ revision, phase: 'Preparing' });
    fail();
    expect(cluster.api.status?.release).toBeUndefined();
    expect(results(cluster)).toEqual(['Aborted', 'Aborted']);
    annotate(cluster, 'other', revision);
    rest(cluster);
    annotate(cluster, 'retry', revision);
    rest(cluster);
    expect(cluster.api.status?.release).toMatchObject({ revision });
  });
});

test('a change in the midst of a release aims the same environment at the new revision', () => {
  const cluster = serving();
  change(cluster, { image: 'bad' });
  rest(cluster);
  const revision = change(cluster, { image: 'c' });
  expect(cluster.run().status.release).toMatchObject({ revision, environment: 'green' });
  rest(cluster);
  expect(cluster.front).toMatchObject({ environment: 'green', revision });
  expect(results(cluster)).toEqual(['Promoted', 'Cancelled']);
});

test('a change back cancels the release, and its pods go', () => {
  const cluster = serving();
  change(cluster, { image: 'bad' });
  rest(cluster);
  change(cluster, { image: 'a' });
  expect(cluster.run().events.map(({ reason }) => reason)).toEqual(['Cancelled']);
  expect(rest(cluster).status.release).toBeUndefined();
  expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
});

describe('the annotation reject', () => {
  test('of the active revision rolls back at once while the old one has its pods', () => {
    const cluster = serving({ paused: false });
    const old = cluster.wanted().name;
    const revision = change(cluster, { image: 'b' });
    rest(cluster);
    annotate(cluster, 'reject', revision);
    // Recorded, started, switched.
    for (let round = 0; round < 3; round++) cluster.run();
    expect(cluster.front).toMatchObject({ environment: 'blue', revision: old, previousRevision: revision });
    const plan = rest(cluster);
    expect(results(cluster)).toEqual(['RolledBack', 'Promoted']);
    expect(condition(plan, 'Aborted')?.message).toContain(`Traffic goes to blue, revision ${old}`);
    cluster.now += 31_000;
    rest(cluster);
    expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
  });
  test('rolls back after the old pods were gone, once they are available again', () => {
    const cluster = serving({ previewReplicas: 1 });
    const revision = change(cluster, { image: 'b' });
    rest(cluster);
    cluster.now += 31_000;
    rest(cluster);
    expect(replicas(cluster, 'blue')).toEqual([0, 0, 0, 0]);
    annotate(cluster, 'reject', revision);
    cluster.run();
    expect(cluster.run().status.release?.phase).toBe('RollingBack');
    expect(replicas(cluster, 'blue')).toEqual([2, 2, 2, 2]);
    expect(cluster.front?.environment).toBe('green');
    rest(cluster);
    expect(cluster.front?.environment).toBe('blue');
  });
  test('of a release in progress aborts it; only retry releases it again', () => {
    const cluster = serving({ paused: true });
    const revision = change(cluster, { image: 'b' });
    rest(cluster);
    annotate(cluster, 'reject', revision);
    rest(cluster);
    expect(replicas(cluster, 'green')).toEqual([0, 0, 0, 0]);
    expect(results(cluster)).toEqual(['Aborted']);
    expect(cluster.api.metadata.annotations).toEqual({});
    expect(cluster.api.status?.rejections).toMatchObject([{ revision, scope: 'Version', reason: 'Rejected' }]);
    annotate(cluster, 'retry', revision);
    rest(cluster);
    expect(cluster.api.status?.release).toMatchObject({ revision, phase: 'Paused' });
  });
  test('of the first revision leaves it active, and reports it', () => {
    const cluster = serving();
    annotate(cluster, 'reject', cluster.wanted().name);
    expect(condition(rest(cluster), 'Aborted')?.message).toContain('no earlier revision to roll back to');
    expect(cluster.front?.environment).toBe('blue');
  });
});

test.each([
  [0, 'green'],
  [300, 'blue'],
])('less than half available after the switch, autoRollbackSeconds %d: %s is active', (autoRollbackSeconds, active) => {
  const cluster = serving({ autoRollbackSeconds });
  change(cluster, { image: 'b' });
  rest(cluster);
  const { model } = cluster.environments.green ?? {};
  for (const one of model?.pods ?? []) Object.assign(one, { available: false, failing: true });
  cluster.run();
  cluster.run();
  cluster.run();
  expect(cluster.front?.environment).toBe(active);
});

test.each([
  ['scaled up', (cluster: ModelCluster) => ({ ...cluster.api.spec, replicas: 6 })],
  ['stopped and started', (cluster: ModelCluster) => ({ ...cluster.api.spec, replicas: 0 })],
])('pods that only start are no reason to go back: %s', (_, spec) => {
  const cluster = serving({ autoRollbackSeconds: 300 });
  change(cluster, { image: 'b' });
  rest(cluster);
  const before = cluster.api.spec;
  cluster.api = { ...cluster.api, spec: spec(cluster) };
  cluster.run();
  cluster.run();
  cluster.api = { ...cluster.api, spec: { ...before, replicas: cluster.api.spec.replicas || 2 } };
  cluster.run();
  cluster.run();
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
  expect(cluster.front?.environment).toBe('green');
});

test('half available is no reason to go back, and neither is anything after autoRollbackSeconds', () => {
  const cluster = serving({ autoRollbackSeconds: 300 });
  change(cluster, { image: 'b' });
  rest(cluster);
  const pods = cluster.environments.green?.model?.pods ?? [];
  const [one] = pods;
  if (one) one.count = 1;
  pods.push({ image: 'b', count: 1, available: false, failing: true });
  cluster.run();
  cluster.run();
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
  if (one) Object.assign(one, { available: false, failing: true });
  cluster.now += 300_000;
  cluster.run();
  expect(cluster.api.status?.rejections?.[0]).toBeUndefined();
});

test('a change of what needs no release changes the active environment, which stays at its revision', () => {
  const cluster = serving({ paused: true });
  change(cluster, { image: 'b' });
  rest(cluster);
  cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, replicas: 3 } };
  cluster.run();
  expect(replicas(cluster, 'blue')).toEqual([3, 3, 3, 3]);
  expect(cluster.environments.blue?.model?.image).toBe('a');
  expect(cluster.environments.green?.model?.image).toBe('b');
});

test('a release gets no fewer pods than what is active has', () => {
  const cluster = serving();
  change(cluster, { image: 'b' });
  const model = cluster.environments.blue?.model;
  if (model) model.replicas = 5;
  expect(cluster.run().decision.environments.find(({ name }) => name === 'green')?.replicas).toMatchObject({
    model: 5,
    view: 2,
  });
});

test('switched on: main stays until blue serves, then goes after the delay; switched off: the other way round', () => {
  const cluster = new ModelCluster(stored('a', { enabled: false }));
  rest(cluster);
  change(cluster, { image: 'a' }, { enabled: true });
  cluster.run();
  expect(cluster.front?.environment).toBe('main');
  rest(cluster);
  expect(cluster.front?.environment).toBe('blue');
  expect(replicas(cluster, 'main')).toEqual([2, 2, 2, 2]);
  cluster.now += 31_000;
  rest(cluster);
  expect(Object.keys(cluster.environments)).toEqual(['blue']);
  change(cluster, { image: 'b' });
  rest(cluster);
  cluster.now += 31_000;
  rest(cluster);
  // In blue-green mode the objects of the old version stay.
  expect(Object.keys(cluster.environments).sort()).toEqual(['blue', 'green']);
  change(cluster, { image: 'b' }, { enabled: false });
  cluster.run();
  expect(cluster.front?.environment).toBe('green');
  rest(cluster);
  expect(cluster.front?.environment).toBe('main');
  cluster.now += 31_000;
  const plan = rest(cluster);
  expect(Object.keys(cluster.environments)).toEqual(['main']);
  expect(plan).toMatchObject({ status: {}, decision: { revisions: [], preview: undefined } });
});

test('revisions in use are kept, and of the others the newest', () => {
  const cluster = serving({ revisionHistoryLimit: 2 });
  for (const image of ['b', 'c', 'd', 'e']) {
    change(cluster, { image });
    rest(cluster);
  }
  expect(cluster.revisions.map(({ data }) => data.spec.image)).toEqual(['e', 'd']);
  change(cluster, { image: 'e' }, { revisionHistoryLimit: 0, paused: true });
  change(cluster, { image: 'f' });
  rest(cluster);
  expect(cluster.revisions.map(({ data }) => data.spec.image)).toEqual(['f', 'e', 'd']);
});

describe('back to a revision by its name', () => {
  /** Versions a, b and c were released, and c serves. */
  function released() {
    const cluster = serving();
    const revisions = ['a', 'b', 'c'].map((image) => {
      const name = change(cluster, { image });
      rest(cluster);
      cluster.now += 60_000;
      rest(cluster);
      return name;
    });
    return { cluster, revisions: revisions as [string, string, string] };
  }
  const active = (cluster: ModelCluster) => cluster.front?.revision;

  test('it is recorded, and holds until a user lets the spec go', () => {
    const { cluster, revisions } = released();
    const [a, , c] = revisions;
    annotate(cluster, 'rollback-to', a);
    const plan = rest(cluster);
    expect(active(cluster)).toBe(a);
    expect(plan.status.rollback).toMatchObject({ to: a, insteadOf: c, scope: 'Version' });
    expect(condition(plan, 'RolledBack')).toMatchObject({ status: 'True', reason: 'RollbackTo' });
    expect(condition(plan, 'Promoted')).toMatchObject({ status: 'True' });
    expect(results(cluster)?.[0]).toBe('Promoted');
    expect(cluster.api.metadata.annotations).toEqual({});
    annotate(cluster, 'retry', c);
    const after = rest(cluster);
    expect(active(cluster)).toBe(c);
    expect([after.status.rollback, condition(after, 'RolledBack')]).toEqual([undefined, undefined]);
  });
  test('takes effect only when the status records it', () => {
    const { cluster, revisions } = released();
    annotate(cluster, 'rollback-to', revisions[0]);
    expect(cluster.run(0)).toMatchObject({
      status: { rollback: { to: revisions[0] } },
      events: [{ reason: 'RequestAccepted' }],
    });
  });
  test('a newer spec is released all the same', () => {
    const { cluster, revisions } = released();
    annotate(cluster, 'rollback-to', revisions[0]);
    rest(cluster);
    const d = change(cluster, { image: 'd' });
    expect(condition(rest(cluster), 'RolledBack')).toBeUndefined();
    expect(active(cluster)).toBe(d);
  });
  test('a revision that is not known, or that the spec asks for, changes nothing', () => {
    const { cluster, revisions } = released();
    annotate(cluster, 'rollback-to', 'nobody');
    expect(condition(rest(cluster), 'RolledBack')).toMatchObject({ status: 'False', reason: 'UnknownRevision' });
    annotate(cluster, 'rollback-to', revisions[2]);
    expect(condition(rest(cluster), 'RolledBack')).toBeUndefined();
    expect(active(cluster)).toBe(revisions[2]);
  });
});

test('what is wrong with the pods that are missing is said', () => {
  const cluster = serving({ progressDeadlineSeconds: 60 });
  change(cluster, { image: 'bad' });
  cluster.run();
  const observed = cluster.observed();
  const model = observed.environments.green?.model;
  if (model) model.trouble = 'pod x: container model cannot pull its image';
  const { status } = planRelease(cluster.api, cluster.wanted(), observed, new Date(cluster.now));
  expect(status.release?.message).toContain(
    'model (0 of 2 pods available; pod x: container model cannot pull its image)',
  );
});
