import { describe, expect, test } from 'vitest';
import { type RestAPISpec, type Revision, versionOf } from '../../../resources/index.ts';
import { concerns, scopeOf } from '../../../src/blue-green/decision-scope.ts';
import type { ReleasePlan } from '../../../src/blue-green/release-plan.ts';
import { ModelCluster } from './model-cluster.ts';
import { restOverTime as rest, type Settings } from './model-steps.ts';
import { stored } from './stored.ts';

/** Version `a` serves in blue; its model reads a Secret and a ConfigMap. */
function serving(settings: Settings = {}): ModelCluster {
  const cluster = new ModelCluster(stored('a', settings));
  cluster.api.spec.model.envFrom = [{ secretRef: { name: 'db' } }, { configMapRef: { name: 'settings' } }];
  cluster.contents = { 'Secret/db': 's1', 'ConfigMap/settings': 'c1' };
  rest(cluster);
  return cluster;
}

const spec = (cluster: ModelCluster, change: Partial<RestAPISpec>) => {
  cluster.api = { ...cluster.api, spec: { ...cluster.api.spec, ...change } };
};
/** Requests another image. @returns the name of the requested revision */
const request = (cluster: ModelCluster, image: string): string => {
  spec(cluster, { image });
  return cluster.wanted().name;
};
const release = (cluster: ModelCluster, image: string): string => {
  const name = request(cluster, image);
  rest(cluster);
  return name;
};
const annotate = (cluster: ModelCluster, annotations: Record<string, string>) => {
  const named = Object.entries(annotations).map(([verb, revision]) => [`restapi.dev/${verb}`, revision]);
  cluster.api = { ...cluster.api, metadata: { ...cluster.api.metadata, annotations: Object.fromEntries(named) } };
};
const change = (cluster: ModelCluster, object: 'Secret/db' | 'ConfigMap/settings', content: string) => {
  cluster.contents = { ...cluster.contents, [object]: content };
};
const active = ({ front, revisions }: ModelCluster): string => imageOf(front?.revision, revisions);
const imageOf = (name: string | undefined, revisions: readonly Revision[]): string =>
  String(revisions.find((revision) => revision.name === name)?.data.spec.image);
const condition = ({ conditions }: ReleasePlan, type: string) => conditions.find((one) => one.type === type);
/** What the active pods of the model were created from. */
const pods = ({ front, environments }: ModelCluster) => environments[front?.environment ?? 'main']?.model?.image;

/** How a version that served is taken back, and goes on being so. */
const WAYS_BACK: [way: string, take: (cluster: ModelCluster, names: { good: string; bad: string }) => void][] = [
  ['reject', (cluster, { bad }) => annotate(cluster, { reject: bad })],
  ['rollback-to', (cluster, { good }) => annotate(cluster, { 'rollback-to': good })],
];

describe.each(WAYS_BACK)('a version that was taken back by %s does not come back', (_way, take) => {
  function takenBack() {
    const cluster = serving();
    const good = cluster.wanted().name;
    const bad = release(cluster, 'b');
    take(cluster, { good, bad });
    rest(cluster);
    expect(active(cluster)).toBe('a');
    return { cluster, good, bad };
  }
  const untouched = (cluster: ModelCluster, history: number) => {
    const plan = rest(cluster);
    expect(active(cluster)).toBe('a');
    expect(plan.status.history).toHaveLength(history);
    return plan;
  };

  test('when a Secret is rotated: the pods of the active version restart in place', () => {
    const { cluster, good } = takenBack();
    const before = pods(cluster);
    const { length } = cluster.api.status?.history ?? [];
    change(cluster, 'Secret/db', 's2');
    expect(cluster.run().status.release).toBeUndefined();
    untouched(cluster, length);
    expect(cluster.front?.revision).toBe(good);
    expect(pods(cluster)).not.toBe(before);
    // So do those of the environment that is kept.
    const { blue, green } = cluster.environments;
    expect(green?.model?.referencesHash).toBe(blue?.model?.referencesHash);
  });

  test('when a ConfigMap is edited: the active version gets it, by a release of its own', () => {
    const { cluster, good } = takenBack();
    const { length } = cluster.api.status?.history ?? [];
    change(cluster, 'ConfigMap/settings', 'c2');
    const plan = untouched(cluster, length + 1);
    expect(plan.status.history?.[0]).toMatchObject({ result: 'Promoted', image: 'a' });
    expect(cluster.front?.revision).not.toBe(good);
    expect(versionOf(String(cluster.front?.revision))).toBe(versionOf(good));
    // As before, and not the contents with which the version was taken back.
    change(cluster, 'ConfigMap/settings', 'c1');
    untouched(cluster, length + 2);
    expect(cluster.front?.revision).toBe(good);
  });

  test('when the operator is upgraded: other pod templates are rolled out in place, other defaults change nothing', () => {
    const { cluster, good } = takenBack();
    const { length } = cluster.api.status?.history ?? [];
    cluster.version = 2;
    spec(cluster, { view: { ...cluster.api.spec.view, probes: {} } });
    expect(cluster.run().status.release).toBeUndefined();
    untouched(cluster, length);
    expect(cluster.front?.revision).toBe(good);
    expect(pods(cluster)).toMatch(/ 2$/);
  });

  test('when annotations are pruned, or its ControllerRevision is deleted', () => {
    const { cluster, bad } = takenBack();
    annotate(cluster, {});
    cluster.revisions = cluster.revisions.filter(({ name }) => name !== bad);
    untouched(cluster, cluster.api.status?.history?.length ?? 0);
    expect(cluster.wanted().name).toBe(bad);
  });

  test('until a user lets it go', () => {
    const { cluster, bad } = takenBack();
    annotate(cluster, { retry: bad });
    const plan = rest(cluster);
    expect(active(cluster)).toBe('b');
    expect(cluster.api.metadata.annotations).toEqual({});
    expect([plan.status.rejections, plan.status.rollback]).toEqual([undefined, undefined]);
    expect(condition(plan, 'RolledBack') ?? condition(plan, 'Aborted')).toBeUndefined();
  });
});

test('a version that was rejected by the operator stays rejected when a Secret or a ConfigMap changes', () => {
  const cluster = serving();
  release(cluster, 'bad');
  expect(cluster.api.status?.rejections).toMatchObject([{ reason: 'ProgressDeadlineExceeded', scope: 'Version' }]);
  change(cluster, 'Secret/db', 's2');
  change(cluster, 'ConfigMap/settings', 'c2');
  const plan = rest(cluster);
  expect(active(cluster)).toBe('a');
  expect(plan.status.history?.filter(({ image }) => image === 'bad')).toHaveLength(1);
  expect(condition(plan, 'Aborted')).toMatchObject({ reason: 'ProgressDeadlineExceeded' });
  expect(condition(plan, 'Promoted')).toMatchObject({ status: 'False' });
  // What the rejected spec lacks is not what the active version lacks.
  expect(plan.upToDate).toBe(false);
});

test('a configuration that came with a rejected version does not reach the active one', () => {
  const cluster = serving();
  const good = cluster.wanted().name;
  change(cluster, 'ConfigMap/settings', 'c2');
  release(cluster, 'bad');
  rest(cluster);
  expect(cluster.front?.revision).toBe(good);
});

describe('a bad edit of a ConfigMap', () => {
  test('is rejected without rejecting the version that serves', () => {
    const cluster = serving();
    const good = cluster.wanted().name;
    change(cluster, 'ConfigMap/settings', 'c2');
    rest(cluster);
    const edited = cluster.wanted().name;
    annotate(cluster, { reject: edited });
    rest(cluster);
    expect(cluster.front?.revision).toBe(good);
    expect(cluster.api.status?.rejections).toMatchObject([{ revision: edited, scope: 'Configuration' }]);
    change(cluster, 'ConfigMap/settings', 'c3');
    rest(cluster);
    expect(cluster.front?.revision).toBe(cluster.wanted().name);
    // Also later, when another version serves.
    release(cluster, 'b');
    release(cluster, 'a');
    expect(active(cluster)).toBe('a');
    change(cluster, 'ConfigMap/settings', 'c2');
    rest(cluster);
    expect(cluster.front?.revision).not.toBe(edited);
  });
});

describe('requests are recorded and removed, so that pruned annotations change nothing', () => {
  test('promote', () => {
    const cluster = serving({ autoPromotion: { enabled: false, seconds: 0 }, previewReplicas: 1 });
    const revision = release(cluster, 'b');
    annotate(cluster, { promote: revision });
    expect(cluster.run().status.release).toMatchObject({ promote: true });
    expect(cluster.api.metadata.annotations).toEqual({});
    // Killed before the annotation is removed.
    annotate(cluster, { promote: revision });
    rest(cluster);
    expect(cluster.front?.revision).toBe(revision);
    expect(cluster.api.metadata.annotations).toEqual({});
  });

  test('promote, of a release that gets another configuration meanwhile', () => {
    const cluster = serving({ autoPromotion: { enabled: false, seconds: 0 } });
    annotate(cluster, { promote: request(cluster, 'b') });
    cluster.run();
    change(cluster, 'ConfigMap/settings', 'c2');
    rest(cluster);
    expect(cluster.front?.revision).toBe(cluster.wanted().name);
  });

  test('skip-checks, before and after promotion', () => {
    const check = { name: 'smoke', http: {}, successes: 1, allowedFailures: 0, intervalSeconds: 10 };
    const cluster = serving({ prePromotion: [check], postPromotion: [check] } as Settings);
    const revision = request(cluster, 'b');
    cluster.run();
    annotate(cluster, { 'skip-checks': revision });
    cluster.run();
    expect(cluster.api.status?.release).toMatchObject({ skipChecks: true });
    expect(cluster.api.metadata.annotations).toEqual({});
    rest(cluster);
    expect(cluster.front?.revision).toBe(revision);
    expect(cluster.api.status?.checks).toMatchObject({ stage: 'postPromotion', result: 'Skipped' });
  });

  test('one about an unknown revision stays, and the status says so', () => {
    const cluster = serving();
    annotate(cluster, { 'rollback-to': 'unknown', reject: 'unknown' });
    expect(condition(rest(cluster), 'RolledBack')).toMatchObject({ status: 'False', reason: 'UnknownRevision' });
    expect(Object.keys(cluster.api.metadata.annotations ?? {})).toHaveLength(2);
    expect(cluster.api.status?.rejections).toBeUndefined();
  });

  test('one about an unknown revision does not hide a rollback that is in effect', () => {
    const cluster = serving();
    const a = cluster.wanted().name;
    release(cluster, 'b');
    annotate(cluster, { 'rollback-to': a });
    rest(cluster);
    annotate(cluster, { 'rollback-to': 'unknown' });
    expect(condition(rest(cluster), 'RolledBack')).toMatchObject({
      status: 'True',
      reason: 'RollbackTo',
      message: expect.stringContaining('names revision unknown'),
    });
  });

  test('a version may be named without its configuration', () => {
    const cluster = serving();
    const bad = release(cluster, 'b');
    annotate(cluster, { reject: versionOf(bad) });
    rest(cluster);
    expect(active(cluster)).toBe('a');
    expect(cluster.api.status?.rejections).toMatchObject([{ revision: bad, scope: 'Version' }]);
  });
});

test('a rollback that a newer spec has overtaken is over for good', () => {
  const cluster = serving();
  const a = cluster.wanted().name;
  release(cluster, 'b');
  annotate(cluster, { 'rollback-to': a });
  rest(cluster);
  expect(active(cluster)).toBe('a');
  release(cluster, 'c');
  expect(active(cluster)).toBe('c');
  expect(condition(rest(cluster), 'RolledBack')).toBeUndefined();
  release(cluster, 'b');
  expect(active(cluster)).toBe('b');
});

describe('a rejection stays, whatever the spec requests in between', () => {
  function rejected(): ModelCluster {
    const cluster = serving();
    annotate(cluster, { reject: release(cluster, 'b') });
    rest(cluster);
    return cluster;
  }

  test('another version, which serves', () => {
    const cluster = rejected();
    release(cluster, 'a');
    release(cluster, 'c');
    expect(active(cluster)).toBe('c');
    expect(condition(rest(cluster), 'Aborted')).toBeUndefined();
    release(cluster, 'b');
    expect(active(cluster)).toBe('c');
    expect(condition(rest(cluster), 'Aborted')).toMatchObject({ reason: 'Rejected' });
  });

  test('another version, which is rejected as well', () => {
    const cluster = rejected();
    annotate(cluster, { reject: release(cluster, 'c') });
    rest(cluster);
    release(cluster, 'b');
    expect(active(cluster)).toBe('a');
    expect(cluster.api.status?.rejections).toHaveLength(2);
  });

  test('as many are kept as revisions, and the one of the requested version', () => {
    const cluster = serving({ revisionHistoryLimit: 2 });
    const first = request(cluster, 'b0');
    for (const image of ['b0', 'b1', 'b2', 'b3']) {
      annotate(cluster, { reject: release(cluster, image) });
      rest(cluster);
    }
    expect(cluster.api.status?.rejections).toHaveLength(2);
    // It was forgotten, so it is released.
    release(cluster, 'b0');
    expect(cluster.front?.revision).toBe(first);
  });
});

test('a rollback by name is not held by paused, does not wait for promotion and is not checked', () => {
  const check = { name: 'smoke', http: {}, successes: 1, allowedFailures: 0, intervalSeconds: 10 };
  const cluster = serving();
  const a = cluster.wanted().name;
  release(cluster, 'b');
  const blueGreen = {
    ...cluster.api.spec.blueGreen,
    paused: true,
    autoPromotion: { enabled: false, seconds: 0 },
    prePromotion: [check],
    postPromotion: [check],
  } as RestAPISpec['blueGreen'];
  spec(cluster, { blueGreen });
  annotate(cluster, { 'rollback-to': a });
  cluster.run();
  expect(cluster.run().status.release).toMatchObject({ phase: 'RollingBack' });
  rest(cluster);
  expect(cluster.front?.revision).toBe(a);
  expect(cluster.api.status?.checks).toBeUndefined();
});

test('a rollback to a revision that was deleted since does not release what the user went back from', () => {
  const cluster = serving();
  const a = cluster.wanted().name;
  release(cluster, 'b');
  const c = release(cluster, 'c');
  annotate(cluster, { 'rollback-to': a });
  cluster.run();
  cluster.revisions = cluster.revisions.filter(({ name }) => name !== a);
  expect(condition(rest(cluster), 'RolledBack')).toMatchObject({ status: 'False', reason: 'UnknownRevision' });
  expect(cluster.front?.revision).toBe(c);
});

describe('the scope of a decision', () => {
  test.each([
    ['another version', 'b-1', { environment: 'blue', revision: 'a-1' }, 'Version'],
    ['a configuration of the version that serves', 'a-2', { environment: 'blue', revision: 'a-1' }, 'Configuration'],
    [
      'what serves, after another version',
      'b-1',
      { environment: 'blue', revision: 'b-1', previousRevision: 'a-1' },
      'Version',
    ],
    [
      'what serves, after another configuration',
      'b-2',
      { environment: 'blue', revision: 'b-2', previousRevision: 'b-1' },
      'Configuration',
    ],
    ['what serves first', 'a-1', { environment: 'blue', revision: 'a-1' }, 'Configuration'],
    ['a version by its own name', 'a', { environment: 'blue', revision: 'a-1' }, 'Version'],
    ['anything, before the first switch', 'a-1', { environment: 'main' }, 'Version'],
  ] as const)('%s', (_what, named, front, scope) => {
    expect(scopeOf(named, front)).toBe(scope);
  });

  test('a decision about a version concerns all its configurations, one about a configuration only that', () => {
    const about = (scope: 'Version' | 'Configuration') =>
      ['a', 'a-1', 'a-2', 'b-1'].filter((name) => concerns({ revision: 'a-1', scope }, name));
    expect(about('Version')).toEqual(['a', 'a-1', 'a-2']);
    expect(about('Configuration')).toEqual(['a-1']);
  });
});
