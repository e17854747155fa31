import { describe, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { Deployment, Service } from '../../../resources/index.ts';
import type { EndpointSlice } from '../../../src/blue-green/endpoints.ts';
import { type Caches, observe } from '../../../src/blue-green/observe.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import { stored } from './stored.ts';

const metadata = (name: string, more: object = {}) => ({ name, uid: name, resourceVersion: '1', ...more });
const NOTHING: Caches = {
  fronts: [],
  services: [],
  deployments: [],
  revisions: [],
  slices: [],
  jobs: [],
  hookJobs: [],
  jobPods: [],
  attemptResults: {},
  contents: {},
  configMaps: {},
  pods: [],
};
const look = (caches: Partial<Caches>, status: object = {}) =>
  observe({ ...stored('a'), status } as never, { ...NOTHING, ...caches });

const service = (environment: string | undefined, annotations: object = {}) =>
  ({
    metadata: metadata('shop', { annotations }),
    spec: { selector: environment ? { 'restapi.dev/environment': environment } : {} },
  }) as StoredObject<Service>;

const deployment = (environment: string, spec: object = {}, status: object = {}) =>
  ({
    metadata: metadata(`shop-model-${environment}`, {
      generation: 2,
      annotations: { 'restapi.dev/revision': `of-${environment}` },
    }),
    spec: { replicas: 2, ...spec },
    status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, ...status },
  }) as unknown as StoredObject<Deployment>;

describe('which environment is active', () => {
  const active = { 'restapi.dev/active-environment': 'green', 'restapi.dev/active-revision': 'r2' };
  test.each([
    ['the annotation, whatever the selector', [service('blue', active)], 'green', 'r2'],
    [
      'the selector, if the annotation is no environment',
      [service('blue', { 'restapi.dev/active-environment': 'x' })],
      'blue',
      'of-blue',
    ],
  ])('%s', (_, fronts, environment, revision) => {
    const { front } = look({ fronts, deployments: [deployment('blue')] });
    expect(front).toMatchObject({ environment, revision });
  });
  test('without a front Service: what followed it, with what is known of the last switch', () => {
    const status = {
      lastDeploymentTime: '2026-01-01T00:00:00.000Z',
      environments: [{ name: 'green', role: 'active', revision: 'r2' }],
    };
    expect(look({ services: [service('green')], deployments: [deployment('blue')] }, status).front).toEqual({
      environment: 'green',
      revision: 'r2',
      previousRevision: 'of-blue',
      switchedAt: status.lastDeploymentTime,
    });
    expect(look({}, { activeEnvironment: 'blue' }).front?.environment).toBe('blue');
    expect(look({ deployments: [deployment('green')] }).front?.environment).toBe('green');
    expect(look({}).front).toBeUndefined();
  });
  test('a time of the switch that is none', () => {
    const annotations = { ...active, 'restapi.dev/switched-at': 'yesterday' };
    expect(look({ fronts: [service('green', annotations)] }).front?.switchedAt).toBeUndefined();
  });
});

describe('a component is settled', () => {
  test('the trouble of its own pods is reported while some are not available', () => {
    const pod = (environment: string, message: string) =>
      ({
        metadata: metadata(`pod-${environment}`, {
          labels: { 'restapi.dev/component': 'model', 'restapi.dev/environment': environment },
        }),
        status: { conditions: [{ type: 'PodScheduled', status: 'False', message }] },
      }) as never;
    const pods = [pod('blue', 'no memory'), pod('green', 'no CPU')];
    const labels = { 'restapi.dev/component': 'model', 'restapi.dev/environment': 'blue' };
    const trouble = (status: object) => {
      const object = deployment('blue', {}, status);
      const labelled = { ...object, metadata: { ...object.metadata, labels } };
      return look({ deployments: [labelled], pods }).environments.blue?.model?.trouble;
    };
    expect(trouble({ availableReplicas: 1 })).toBe('pod pod-blue cannot be scheduled: no memory');
    expect(trouble({ availableReplicas: 2 })).toBeUndefined();
    // Both available pods are of an earlier revision.
    expect(trouble({ availableReplicas: 2, replicas: 4, updatedReplicas: 2 })).toBe(
      'pod pod-blue cannot be scheduled: no memory',
    );
  });
  test.each([
    ['at rest', {}, true],
    ['before the change was taken up', { observedGeneration: 1 }, false],
    ['while pods of the new version are missing', { updatedReplicas: 1 }, false],
    ['while pods of the old version are there', { replicas: 3 }, false],
  ])('%s: %s', (_, status, settled) => {
    const { environments } = look({ deployments: [deployment('blue', {}, status)] });
    expect(environments.blue?.model).toMatchObject({
      revision: 'of-blue',
      replicas: 2,
      available: 2,
      ready: 0,
      settled,
    });
  });
});

test.each([
  ['at rest', {}, 2],
  ['before the change was taken up', { observedGeneration: 1 }, 0],
  ['next to old pods that are still available', { replicas: 3, updatedReplicas: 1, availableReplicas: 2 }, 0],
  ['when one of them has become available', { replicas: 4, updatedReplicas: 2, availableReplicas: 3 }, 1],
])('available pods of the current template %s', (_, status, updated) => {
  const { environments } = look({ deployments: [deployment('blue', {}, status)] });
  expect(environments.blue?.model?.updated).toBe(updated);
});

describe('pods of a component', () => {
  const labels = { 'restapi.dev/component': 'model', 'restapi.dev/environment': 'blue' };
  const owned = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'a', uid: 'a', controller: true }];
  const pod = (name: string, status: object = {}, changes: object = {}) =>
    ({ metadata: metadata(name, { labels, ownerReferences: owned, ...changes }), status }) as never;
  const observed = (...pods: never[]) => {
    const object = deployment('blue', {}, { replicas: 0 });
    const labelled = { ...object, metadata: { ...object.metadata, labels } };
    return look({ deployments: [labelled], pods }).environments.blue?.model;
  };
  const terminating = { deletionTimestamp: '2026-01-01T00:00:00Z' };

  test.each<[string, never[], number]>([
    ['none', [], 0],
    ['a terminating one', [pod('shop-model-blue-1-a', {}, terminating)], 1],
    ['one that has ended', [pod('shop-model-blue-1-a', { phase: 'Failed' })], 0],
    ['a bare one with the same labels', [pod('shop-model-blue-1-a', {}, { ownerReferences: [] })], 0],
    ['one of another Deployment', [pod('debug', {})], 0],
  ])('%s: %#', (_, pods, count) => {
    expect(observed(...pods)?.pods).toBe(count);
  });

  const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
  const ready = (status: string, lastTransitionTime: string) => [{ type: 'Ready', status, lastTransitionTime }];
  const running = { name: 'model', ready: false, restartCount: 0, state: { running: { startedAt: at(2) } } };
  const lost = {
    conditions: [...ready('False', at(5)), { type: 'ContainersReady', status: 'True' }],
    containerStatuses: [{ ...running, ready: true }],
  };
  const started = { startTime: at(1), conditions: ready('False', at(1)) };
  const drained = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' };
  test.each<[string, object, object, number]>([
    ['ready', { conditions: ready('True', at(5)), containerStatuses: [{ ...running, ready: true }] }, {}, 0],
    ['starting', { conditions: ready('False', at(1)), containerStatuses: [running] }, {}, 0],
    ['no longer ready', { conditions: ready('False', at(5)), containerStatuses: [running] }, {}, 1],
    ['crashed', { conditions: ready('False', at(1)), containerStatuses: [{ ...running, restartCount: 1 }] }, {}, 1],
    ['crashed while it started', { ...started, containerStatuses: [{ ...running, restartCount: 2 }] }, {}, 0],
    ['crashing again and again', { ...started, containerStatuses: [{ ...running, restartCount: 3 }] }, {}, 1],
    ['being drained', { conditions: [...ready('False', at(5)), drained], containerStatuses: [running] }, {}, 0],
    ['evicted', { conditions: ready('False', at(5)), containerStatuses: [running] }, terminating, 0],
    ['on a lost node', lost, {}, 0],
  ])('failing, of one that is %s: %#', (_, status, changes, count) => {
    expect(observed(pod('shop-model-blue-1-a', status, changes))?.failing).toBe(count);
  });
});

const slice = (of: string, port: string, ...pods: [name: string, ready?: boolean][]): StoredObject<EndpointSlice> => ({
  metadata: metadata(`${of}-${port}-${pods.length}`, { labels: { 'kubernetes.io/service-name': of } }),
  ports: [{ name: port }],
  endpoints: pods.map(([name, ready = true]) => ({ conditions: { ready }, targetRef: { name } })),
});

/** The pods of Deployments, as the Deployment controller names and labels them. */
const podsOf = (...names: string[]) =>
  names.map((name) => {
    const [, replicaSet = '', hash = ''] = /^(.*-([^-]+))-[^-]+$/.exec(name) ?? [];
    const ownerReferences = [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: replicaSet, uid: 'rs', controller: true },
    ];
    return {
      metadata: metadata(name, { labels: { 'pod-template-hash': hash }, ownerReferences }),
    } as StoredObject<Pod>;
  });

test('endpoints are counted by environment and component; pods that are not ready, and those of others, do not count', () => {
  const slices = [
    slice('shop-preview', 'model', ['shop-model-blue-1-a'], ['shop-model-blue-1-b'], ['shop-model-blue-1-c', false]),
    // The same pod in a second slice, and one of another version.
    slice('shop-preview', 'model', ['shop-model-blue-1-b'], ['shop-model-green-1-a']),
    slice('shop-preview', 'view', ['shop-model-blue-1-a']),
    // By which the components call each other: one of them is not there yet.
    slice('shop-model-blue', 'http', ['shop-model-blue-1-a'], ['shop-model-blue-1-b']),
    slice('shop-model-green', 'http', ['shop-model-green-1-a', false]),
    slice('other', 'model', ['shop-model-blue-1-d']),
    { metadata: metadata('empty', { labels: { 'kubernetes.io/service-name': 'shop' } }), ports: null, endpoints: null },
  ];
  const pods = podsOf(...['a', 'b', 'c', 'd'].map((name) => `shop-model-blue-1-${name}`), ...['shop-model-green-1-a']);
  expect(look({ slices, pods }).endpoints.preview).toEqual({ blue: { model: 2 }, green: { model: 0 } });
});

describe('the active environment is counted behind the stable Services, and at the entry behind the front Service as well', () => {
  const slices = [
    slice('shop-model', 'http', ['shop-model-7d4b9c-aaaaa'], ['shop-model-blue-7d4b9c-aaaaa']),
    slice('shop-view', 'http', ['shop-view-blue-1-a'], ['shop-view-blue-1-b']),
    slice('shop', 'view', ['shop-view-blue-1-a']),
  ];
  const front = (component: string) =>
    ({ metadata: metadata('shop'), spec: { selector: { 'restapi.dev/component': component } } }) as never;
  test.each([
    ['the view is the entry', [front('view')], { main: { model: 1, view: 0 }, blue: { model: 1, view: 1 } }],
    ['the model is', [front('model')], { main: { model: 0 }, blue: { model: 0, view: 2 } }],
    ['there is no front Service', [], {}],
    ['somebody changed its selector to no component', [front('x')], {}],
  ])('%s', (_, fronts, active) => {
    const pods = podsOf(
      ...['shop-model-7d4b9c-aaaaa', 'shop-model-blue-7d4b9c-aaaaa'],
      ...['shop-view-blue-1-a', 'shop-view-blue-1-b'],
    );
    expect(look({ slices, fronts, pods }).endpoints.active).toEqual(active);
  });
});

describe('two RestAPIs, the name of one of which begins like a component of the other', () => {
  // In the slices of `shop`, whoever wrote them, and all of them labelled as pods of it.
  const names = [
    'shop-view-1a2b-c3d4e',
    'shop-view-model-1a2b-c3d4e',
    'shop-view-blue-blue-1a2b-c3d4e',
    'shop-view-blue-1a2b-c3d4e',
  ];
  const slices = [
    slice('shop-view', 'http', ...names.map((name): [string] => [name])),
    slice('shop', 'view', ...names.map((name): [string] => [name])),
  ];
  const fronts = [{ metadata: metadata('shop'), spec: { selector: { 'restapi.dev/component': 'view' } } }] as never;
  test('each pod counts for its own Deployment', () => {
    expect(look({ slices, fronts, pods: podsOf(...names) }).endpoints.active).toEqual({
      main: { view: 1 },
      blue: { view: 1 },
    });
  });
  test('a pod that is not in the cache, another one of the same name, and one without a controller do not count', () => {
    expect(look({ slices, fronts }).endpoints.active).toEqual({});
    const replaced = slices.map((one) => ({
      ...one,
      endpoints:
        one.endpoints?.map((endpoint) => ({ ...endpoint, targetRef: { ...endpoint.targetRef, uid: 'before' } })) ?? [],
    }));
    expect(look({ slices: replaced, fronts, pods: podsOf(...names) }).endpoints.active).toEqual({});
    const bare = names.map((name) => ({ metadata: metadata(name) }) as StoredObject<Pod>);
    expect(look({ slices, fronts, pods: bare }).endpoints.active).toEqual({});
  });
});
