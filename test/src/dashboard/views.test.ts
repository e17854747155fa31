import { describe, expect, test } from 'vitest';
import type { Condition, StoredObject } from '../../../operator/index.ts';
import type { RestAPI, RestAPIStatus } from '../../../resources/index.ts';
import { fleetRow } from '../../../src/dashboard/fleet-row.ts';
import { releaseSteps } from '../../../src/dashboard/release-steps.ts';
import { restApiView } from '../../../src/dashboard/rest-api-view.ts';
import { versionOf } from '../../../src/dashboard/version-of.ts';

const MADE = '2026-01-01T00:00:00Z';
const SECRET = 'hunter2';

function metadata(name: string, labels: Record<string, string> = {}) {
  return {
    name,
    namespace: 'default',
    uid: name,
    resourceVersion: '1',
    generation: 2,
    creationTimestamp: MADE,
    labels,
  };
}

function restApi(status?: RestAPIStatus, spec: object = {}): StoredObject<RestAPI> {
  const env = [{ name: 'PASSWORD', value: SECRET }];
  const off = { enabled: false };
  return {
    apiVersion: 'restapi.dev/v1alpha1',
    kind: 'RestAPI',
    metadata: { ...metadata('shop'), annotations: { note: SECRET } },
    spec: {
      image: 'registry.example.com:5000/shop:1.0.0',
      envVars: { PASSWORD: SECRET },
      model: { enabled: true, env, command: [SECRET], args: [SECRET] },
      view: { enabled: true },
      controller: off,
      repository: off,
      ...spec,
    },
    status,
  } as unknown as StoredObject<RestAPI>;
}

function condition(type: string, status: Condition['status'], reason = 'Because', message = 'It is so'): Condition {
  return { type, status, reason, message, lastTransitionTime: MADE };
}

const labels = (component: string, environment: string) => ({
  'restapi.dev/name': 'shop',
  'restapi.dev/component': component,
  'restapi.dev/environment': environment,
});

function deployment(component: string, environment: string, ready: number, replicas: number): StoredObject {
  const containers = [{ name: component, image: `shop:${environment}`, env: [{ name: 'PASSWORD', value: SECRET }] }];
  return {
    kind: 'Deployment',
    metadata: metadata(`shop-${component}-${environment}`, labels(component, environment)),
    spec: { replicas, template: { spec: { containers } } },
    status: { readyReplicas: ready },
  } as StoredObject;
}

function pod(name: string, component: string, environment: string, status: object): StoredObject {
  return { kind: 'Pod', metadata: metadata(name, labels(component, environment)), status } as StoredObject;
}

const RUNNING = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const CRASHING = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False' }],
  containerStatuses: [
    { restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } } },
    { restartCount: 1, state: { running: {} } },
  ],
};

describe('a row of the list', () => {
  test('of a RestAPI that has not been reconciled', () => {
    expect(fleetRow(restApi())).toEqual({
      namespace: 'default',
      name: 'shop',
      phase: 'New',
      tone: 'busy',
      upToDate: false,
      readyReplicas: 0,
      replicas: 0,
      version: '1.0.0',
      troubles: [],
      createdAt: MADE,
    });
  });

  test('during a release has the active version and the next one', () => {
    const status = {
      phase: 'Ready',
      observedGeneration: 2,
      replicas: 4,
      readyReplicas: 4,
      activeEnvironment: 'blue',
      environments: [
        { name: 'blue', role: 'active', image: 'shop:1.0.0', replicas: 4, readyReplicas: 4, revision: 'a' },
        { name: 'green', role: 'preview', image: 'shop:2.0.0', replicas: 4, readyReplicas: 1, revision: 'b' },
      ],
      release: { environment: 'green', phase: 'Preparing', revision: 'b' },
    } as RestAPIStatus;
    expect(fleetRow(restApi(status, { image: 'shop:2.0.0' }))).toMatchObject({
      upToDate: true,
      tone: 'good',
      version: '1.0.0',
      activeEnvironment: 'blue',
      release: { environment: 'green', phase: 'Preparing', version: '2.0.0' },
    });
  });

  test.each([
    ['Degraded', condition('Ready', 'False'), true],
    ['Failed', condition('Ready', 'False'), true],
    ['Pending', condition('Ready', 'False'), true],
    ['Progressing', condition('Ready', 'False'), false],
    ['Deleting', condition('Ready', 'False'), false],
    ['Ready', condition('Ready', 'True'), false],
    ['Ready', condition('Aborted', 'True'), true],
    ['Ready', condition('ScalingLimited', 'True'), true],
    ['Ready', condition('ScalingLimited', 'False'), false],
    ['Ready', condition('ScalingActive', 'False'), true],
    ['Ready', condition('ScalingActive', 'Unknown'), false],
    ['Ready', condition('HealingHeld', 'True'), true],
    ['Ready', condition('VerticalScaling', 'False', 'ResizeRefused'), true],
    ['Ready', condition('VerticalScaling', 'False', 'BelongsToAutoscaler'), false],
    ['Ready', condition('PredictiveScaling', 'False', 'MetricsMissing'), true],
    ['Ready', condition('PredictiveScaling', 'False', 'Learning'), false],
    ['Ready', condition('Progressing', 'False'), false],
    ['Ready', condition('Promoted', 'False'), false],
  ] as const)('in phase %s the condition %o needs attention: %s', (phase, one, trouble) => {
    expect(fleetRow(restApi({ phase, conditions: [one] })).troubles.map(({ type }) => type)).toEqual(
      trouble ? [one.type] : [],
    );
  });
});

test.each([
  ['shop:1.0.0', '1.0.0'],
  ['registry:5000/shop', 'latest'],
  ['registry:5000/shop:2', '2'],
  ['shop@sha256:0123456789abcdef0123', '0123456789ab'],
  ['shop:3@sha256:0123456789abcdef0123', '3'],
  [undefined, ''],
])('image %s has version %s', (image, version) => expect(versionOf(image)).toBe(version));

describe('one RestAPI', () => {
  const status = {
    phase: 'Degraded',
    activeEnvironment: 'green',
    environments: [
      { name: 'blue', role: 'preview', image: 'shop:2', revision: 'b', replicas: 2, readyReplicas: 1 },
      { name: 'green', role: 'active', image: 'shop:1', revision: 'a', replicas: 3, readyReplicas: 2 },
    ],
    components: [
      {
        name: 'model',
        replicas: 2,
        readyReplicas: 1,
        reason: 'CrashLoopBackOff',
        message: 'it ends',
        scaling: {
          minReplicas: 9,
          maxReplicas: 9,
          metrics: [],
          forecast: { reliable: true, minReplicas: 4, errorPercent: 7 },
        },
      },
      { name: 'view', replicas: 1, readyReplicas: 1, recommended: { memory: '64Mi' } },
    ],
    healing: {
      actions: [
        {
          at: MADE,
          action: 'RestartPod',
          component: 'model',
          target: 'm2',
          id: 'm2',
          reason: 'R',
          message: 'M',
          result: 'Done',
        },
      ],
    },
  } as RestAPIStatus;
  const related = [
    deployment('model', 'green', 1, 2),
    deployment('view', 'green', 1, 1),
    deployment('model', 'blue', 1, 1),
    pod('m2', 'model', 'green', CRASHING),
    pod('m1', 'model', 'green', RUNNING),
    pod('n1', 'model', 'blue', RUNNING),
    { kind: 'Service', metadata: metadata('shop'), spec: { ports: [{ port: 3000 }] } } as unknown as StoredObject,
    { kind: 'Service', metadata: metadata('shop-model'), spec: { ports: [{ port: 8080 }] } } as unknown as StoredObject,
    { kind: 'ConfigMap', metadata: metadata('shop-env'), data: { PASSWORD: SECRET } } as unknown as StoredObject,
    { kind: 'Secret', metadata: metadata('db'), data: { PASSWORD: SECRET } } as unknown as StoredObject,
    {
      kind: 'HorizontalPodAutoscaler',
      metadata: metadata('shop-model'),
      spec: {
        minReplicas: 1,
        maxReplicas: 10,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } }],
      },
      status: {
        currentReplicas: 2,
        desiredReplicas: 4,
        currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 131 } } }],
      },
    } as unknown as StoredObject,
  ];
  const view = restApiView(restApi(status), related);

  test('environments come active first, with their components and pods', () => {
    expect(view.front).toBe('shop:3000');
    expect(view.environments.map(({ name, role, version }) => [name, role, version])).toEqual([
      ['green', 'active', '1'],
      ['blue', 'preview', '2'],
    ]);
    const [green, blue] = view.environments;
    expect(green?.components.map(({ name, ready, replicas, pods }) => [name, ready, replicas, pods.length])).toEqual([
      ['model', 1, 2, 2],
      ['view', 1, 1, 0],
    ]);
    expect(blue?.components.map(({ name }) => name)).toEqual(['model']);
    expect(green?.components[0]?.pods).toEqual([
      { name: 'm1', state: 'Running', ready: true, restarts: 0, createdAt: MADE },
      { name: 'm2', state: 'CrashLoopBackOff', ready: false, trouble: 'back-off 40s', restarts: 4, createdAt: MADE },
    ]);
  });

  test('components of the active environment have their trouble and current scaling', () => {
    expect(view.components).toEqual([
      {
        name: 'model',
        ready: 1,
        replicas: 2,
        service: 'shop-model:8080',
        image: 'shop:green',
        reason: 'CrashLoopBackOff',
        message: 'it ends',
        scaling: {
          min: 1,
          max: 10,
          current: 2,
          desired: 4,
          metrics: [{ name: 'cpu', current: '131%', target: '70%' }],
          forecast: { reliable: true, minReplicas: 4, errorPercent: 7 },
        },
      },
      { name: 'view', ready: 1, replicas: 1, image: 'shop:green', recommended: { memory: '64Mi' } },
    ]);
  });

  test('healing actions are listed', () => {
    const done = {
      at: MADE,
      action: 'RestartPod',
      component: 'model',
      target: 'm2',
      reason: 'R',
      message: 'M',
      result: 'Done',
    };
    expect(view.healing).toEqual([done]);
  });

  test('variables, commands, annotations, ConfigMaps and Secrets are left out', () => {
    expect(JSON.stringify(view)).not.toContain(SECRET);
    expect(JSON.stringify(view)).not.toContain('PASSWORD');
  });

  test('without blue-green releases the only environment is main', () => {
    const plain = restApiView(restApi({ phase: 'Ready', replicas: 1, readyReplicas: 1 }), [
      deployment('model', 'main', 1, 1),
    ]);
    expect(plain.environments.map(({ name, role }) => [name, role])).toEqual([['main', 'active']]);
    // An enabled component without a Deployment is listed too.
    expect(plain.components.map(({ name, ready, replicas }) => [name, ready, replicas])).toEqual([
      ['model', 1, 1],
      ['view', 0, 0],
    ]);
  });
});

describe('the steps of a release', () => {
  const steps = (phase: string, blueGreen: object = {}, more: object = {}) =>
    releaseSteps(
      restApi(
        { activeEnvironment: 'blue', release: { environment: 'green', phase, ...more } } as unknown as RestAPIStatus,
        { blueGreen: { enabled: true, autoPromotion: { enabled: true, seconds: 0 }, ...blueGreen } },
      ),
    ).map(({ title, state }) => `${state} ${title}`);

  test('are empty without a release', () => expect(releaseSteps(restApi())).toEqual([]));

  test('of an automatic release', () => {
    expect(steps('Preparing')).toEqual([
      'now Start pods in green',
      'next Scale up green',
      'next Switch traffic to green',
    ]);
    expect(steps('Promoting')).toEqual([
      'done Start pods in green',
      'now Scale up green',
      'next Switch traffic to green',
    ]);
  });

  test('of a release that is queued', () => {
    expect(steps('Queued')[0]).toBe('now Wait for the trial of the active version');
    const more = { queuedAt: '2026-01-01T00:00:00Z' };
    expect(steps('Queued', {}, more)[0]).toBe('now Wait for the releases of other RestAPIs');
  });

  test('of a release whose environment still runs an earlier version', () => {
    expect(steps('Draining').slice(0, 2)).toEqual(['now End the earlier version in green', 'next Start pods in green']);
  });

  test('of a release with checks that waits for promotion', () => {
    const settings = { prePromotion: [{}, {}], autoPromotion: { enabled: false } };
    expect(steps('Checking', settings)).toEqual([
      'done Start pods in green',
      'now Run 2 checks',
      'next Wait for promotion',
      'next Scale up green',
      'next Switch traffic to green',
    ]);
    expect(steps('WaitingForPromotion', settings)[2]).toBe('now Wait for promotion');
    expect(steps('Paused')[1]).toBe('now Wait for promotion');
  });

  test('of a rollback', () => {
    expect(steps('RollingBack')).toEqual(['now Scale up green', 'next Switch traffic to green']);
  });
});
