import { describe, expect, test } from 'vitest';
import { generatedFor, type StoredObject } from '../../../operator/index.ts';
import { type Deployment, RestAPI } from '../../../resources/index.ts';
import { age } from '../../../src/cli/age.ts';
import { changeLines, changesOf } from '../../../src/cli/changes.ts';
import { candidatesFor } from '../../../src/cli/completions.ts';
import { deploymentsToRestart } from '../../../src/cli/deployments-to-restart.ts';
import { concerns } from '../../../src/cli/event-list.ts';
import { helpOfVerb } from '../../../src/cli/help.ts';
import { listOf } from '../../../src/cli/list.ts';
import { readArguments } from '../../../src/cli/read-arguments.ts';
import { restApisOf } from '../../../src/cli/read-rest-apis.ts';
import { reportsOf, summariesOf } from '../../../src/cli/report.ts';
import { readTimeSpan } from '../../../src/cli/time-span.ts';
import { treeOf } from '../../../src/cli/tree.ts';
import { VERBS } from '../../../src/cli/verbs.ts';
import { isReady, waitsFor } from '../../../src/cli/wait-state.ts';
import type { Observed } from '../../../src/live-table/observed.ts';
import { widthOf } from '../../../src/terminal/text.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import { restartPatch } from '../../../src/workload/restart-patch.ts';

const NOW = new Date('2026-01-01T01:00:00Z');
const MADE = '2026-01-01T00:55:00Z';
const PLAIN = { width: Number.POSITIVE_INFINITY, colour: false };
const ESCAPE = String.fromCharCode(27);

function metadata(name: string, labels: Record<string, string> = {}) {
  return {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    resourceVersion: '1',
    generation: 2,
    creationTimestamp: MADE,
    labels,
  };
}

function restApi(status?: object, spec: object = {}): StoredObject<RestAPI> {
  const component = (port: number) => ({
    enabled: true,
    port,
    resources: {},
    service: { type: 'ClusterIP' },
    drainSeconds: 5,
    terminationGracePeriodSeconds: 30,
  });
  return {
    apiVersion: 'restapi.dev/v1alpha1',
    kind: 'RestAPI',
    metadata: metadata('shop'),
    spec: {
      image: 'shop:1',
      replicas: 1,
      model: { ...component(8080), env: [{ name: 'PASSWORD', value: 'hunter2' }] },
      view: component(3000),
      controller: { ...component(8081), enabled: false },
      repository: { ...component(8082), enabled: false },
      ...spec,
    },
    status,
  } as unknown as StoredObject<RestAPI>;
}

const WAITING = {
  phase: 'Progressing',
  replicas: 2,
  readyReplicas: 1,
  observedGeneration: 2,
  conditions: [
    {
      type: 'Ready',
      status: 'False',
      reason: 'Progressing',
      message: `Waiting for view (0 of 1 pods ready)${ESCAPE}[2J\nnext`,
      lastTransitionTime: '2026-01-01T00:59:00Z',
    },
  ],
};

function pod(component: string, status: Pod['status']): StoredObject<Pod> {
  const labels = { 'restapi.dev/name': 'shop', 'restapi.dev/component': component };
  return { metadata: metadata(`shop-${component}-1-a`, labels), status };
}

function observed(status: object | undefined = WAITING): Observed {
  const deployment = (component: string, readyReplicas: number) => ({
    metadata: metadata(`shop-${component}`),
    spec: { replicas: 1, template: { spec: { containers: [{ image: 'shop:1' }] } } },
    status: { readyReplicas },
  });
  const service = (component: string, port: number) => ({
    metadata: metadata(`shop-${component}`),
    spec: { ports: [{ port }] },
  });
  return {
    restapis: [restApi(status)],
    deployments: [deployment('model', 1), deployment('view', 0)] as unknown as StoredObject<Deployment>[],
    services: [service('model', 8080)] as unknown as NonNullable<Observed['services']>,
    pods: [
      pod('model', {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [{ name: 'model', ready: true, restartCount: 2 }],
      }),
      pod('view', {
        phase: 'Pending',
        containerStatuses: [
          {
            name: 'view',
            ready: false,
            state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "shop:1"' } },
          },
        ],
      }),
    ],
  };
}

function tree(what: Observed, viewport = PLAIN): string[] {
  return reportsOf(what).flatMap((report) => treeOf(report, NOW, viewport));
}

describe('status NAME', () => {
  test('shows what an environment that is stopped waits for', () => {
    const stopping = { component: 'view', since: '2026-01-01T00:59:50Z', message: 'Waiting for 1 pod of view to end' };
    const environment = { revision: 'a1', image: 'shop:1', replicas: 2, readyReplicas: 2 };
    const environments = [
      { ...environment, name: 'green', role: 'active' },
      { ...environment, name: 'blue', role: 'idle', stopping },
    ];
    const lines = tree(observed({ ...WAITING, environments }));
    const at = lines.findIndex((line) => line.includes('blue'));
    expect(lines[at + 1]).toBe('      Stopping for 10s: Waiting for 1 pod of view to end');
    // The other one has no such line.
    expect(lines.filter((line) => line.includes('Stopping'))).toHaveLength(1);
  });

  test('shows autoscaling, and only those scaling conditions that report a problem', () => {
    const scaling = {
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [
        { name: 'cpu', current: '63%', target: '70%' },
        { name: 'queue', target: '30' },
      ],
    };
    const condition = (type: string, is: string) => ({
      type,
      status: is,
      reason: 'AtMaxReplicas',
      message: 'model needs more',
      lastTransitionTime: '2026-01-01T00:59:00Z',
    });
    const healthy = ['ScalingActive', 'VerticalScaling', 'PredictiveScaling'].map((type) => condition(type, 'True'));
    const learning = { ...condition('PredictiveScaling', 'False'), reason: 'Learning' };
    const scaled = (limited: string, more: object = {}) =>
      tree(
        observed({
          ...WAITING,
          components: [{ name: 'model', replicas: 1, readyReplicas: 1, scaling: { ...scaling, ...more } }],
          conditions: [...healthy, learning, condition('ScalingLimited', limited)],
        }),
      );
    expect(scaled('False').slice(1, 2)).toEqual([
      '├─ model  1/1 ready  shop-model:8080  shop:1  1-10 pods by cpu 63% of 70%, queue ? of 30',
    ]);
    const forecast = { reliable: true, minReplicas: 6 };
    expect(scaled('False', { forecast })[1]).toMatch(/queue \? of 30, at least 6 by forecast$/);
    expect(scaled('False', { forecast: { ...forecast, reliable: false } })[1]).toMatch(/of 30$/);
    expect(scaled('True')[1]).toBe('  ScalingLimited for 60s (AtMaxReplicas): model needs more');
  });

  test('shows phase, conditions, components and pods, and why pods are not running', () => {
    expect(tree(observed())).toEqual([
      'RestAPI default/shop  Progressing  1/2 pods ready  5m old',
      '  Not Ready for 60s (Progressing): Waiting for view (0 of 1 pods ready) next',
      '├─ model  1/1 ready  shop-model:8080  shop:1',
      '│  └─ shop-model-1-a  5m old  Running, restarted 2 times',
      '└─ view   0/1 ready  no Service       shop:1',
      '   └─ shop-view-1-a  5m old  ImagePullBackOff: Back-off pulling image "shop:1"',
    ]);
  });

  test('shows the last healing action and why healing is on hold', () => {
    const record = {
      at: '2026-01-01T00:58:00Z',
      action: 'RestartPod',
      component: 'view',
      target: 'shop-view-1-b',
      reason: 'NotReady',
      message: '',
    };
    const held = {
      type: 'HealingHeld',
      status: 'True',
      reason: 'BudgetSpent',
      message: '3 actions did not help',
      lastTransitionTime: '2026-01-01T00:59:00Z',
    };
    const healed = (result: string) =>
      tree(observed({ ...WAITING, conditions: [held], healing: { actions: [{ ...record, result }] } })).slice(1, 3);
    expect(healed('Done')).toEqual([
      '  HealingHeld for 60s (BudgetSpent): 3 actions did not help',
      '  Healing 2m ago: Pod shop-view-1-b was replaced (NotReady)',
    ]);
    expect(healed('Refused')[1]).toBe('  Healing 2m ago: RestartPod of shop-view-1-b was refused (NotReady)');
  });

  test('with blue-green, shows the pods of the active environment', () => {
    const now = observed({ ...WAITING, activeEnvironment: 'green' });
    const of = (environment: string) => {
      const one = pod('model', { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
      const { name, labels } = one.metadata;
      const own = { ...labels, 'restapi.dev/environment': environment };
      return { ...one, metadata: { ...one.metadata, name: `${name}-${environment}`, labels: own } };
    };
    const [report] = reportsOf({ ...now, pods: [of('blue'), of('green')] });
    expect(report?.components.map(({ name, pods }) => [name, pods])).toMatchObject([
      ['model', [{ name: 'shop-model-1-a-green', state: 'Running' }]],
      ['view', []],
    ]);
  });

  test('shows kinds that cannot be listed as unknown, not as missing', () => {
    const blind = { ...observed(), deployments: undefined, services: undefined, pods: undefined };
    expect(tree(blind).slice(2)).toEqual([
      '├─ model  pods: ?  ?  ',
      '│  └─ pods could not be read',
      '└─ view   pods: ?  ?  ',
      '   └─ pods could not be read',
    ]);
  });

  test('shows that the RestAPI or its latest change is not reconciled yet', () => {
    const none = { ...observed(), restapis: [restApi()] };
    expect(tree(none)[1]).toBe('  The operator has not reconciled it yet');
    expect(tree(observed({ ...WAITING, observedGeneration: 1 }))[1]).toContain('not reconciled the latest change');
  });

  test('fits the width, with colours too', () => {
    const coloured = tree(observed(), { width: 30, colour: true });
    expect(coloured.join('')).toContain(`${ESCAPE}[33m`);
    for (const line of coloured) expect(widthOf(line)).toBeLessThanOrEqual(30);
  });

  test('a report contains no values of variables', () => {
    expect(JSON.stringify(reportsOf(observed()))).not.toContain('hunter2');
  });
});

test('status without a name: a line per RestAPI, with the namespace for all namespaces', () => {
  const summaries = summariesOf([restApi(WAITING)]);
  expect(listOf(summaries, 'default', NOW, PLAIN)).toEqual([
    'NAME  PHASE        READY  AGE  MESSAGE',
    'shop  Progressing  1/2    5m   Waiting for view (0 of 1 pods ready) next',
  ]);
  expect(listOf(summaries, undefined, NOW, PLAIN)[1]).toMatch(/^default {4}shop /);
  expect(listOf([], 'default', NOW, PLAIN)).toEqual(['No RestAPI in namespace default']);
});

test('ages and time spans', () => {
  expect(
    ['2026-01-01T00:59:15Z', MADE, '2025-12-31T22:00:00Z', '2025-12-20T00:00:00Z', undefined].map((time) =>
      age(time, NOW),
    ),
  ).toEqual(['45s', '5m', '3h', '12d', '?']);
  expect(['60s', '1m30s', '250ms', '1.5h'].map(readTimeSpan)).toEqual([60_000, 90_000, 250, 5_400_000]);
  expect(() => readTimeSpan('60')).toThrow('"60" is not a duration');
});

test('selects Events of a RestAPI and its generated objects, and not of RestAPIs with similar names', () => {
  const about = (kind: string, name: string) => concerns('shop', { involvedObject: { kind, name } });
  expect(about('RestAPI', 'shop') && about('Deployment', 'shop-view')).toBe(true);
  expect(about('ReplicaSet', 'shop-view-5d9f') && about('Pod', 'shop-view-5d9f-abcde')).toBe(true);
  // Those of RestAPIs shop-view and shop2.
  expect(about('RestAPI', 'shop-view') || about('Deployment', 'shop-view-model')).toBe(false);
  expect(about('ReplicaSet', 'shop-view-model-5d9f') || about('Pod', 'shop-view-model-5d9f-abcde')).toBe(false);
  expect(about('Deployment', 'shop2-view')).toBe(false);
});

test('ready means ready with the latest change', () => {
  const ready = { ...WAITING, conditions: [{ ...WAITING.conditions[0], status: 'True' }] };
  expect(isReady(restApi(ready))).toBe(true);
  expect(isReady(restApi({ ...ready, observedGeneration: 1 }))).toBe(false);
  expect(isReady(restApi(WAITING)) || isReady(restApi())).toBe(false);
  expect(waitsFor(restApi(WAITING))).toContain('Waiting for view');
});

describe('restart', () => {
  const owned = (name: string) =>
    ({
      metadata: { ...metadata(name), ownerReferences: [{ uid: 'uid-shop', controller: true }] },
    }) as unknown as StoredObject<Deployment>;
  const names = (deployments: StoredObject<Deployment>[], named: string[]) =>
    deploymentsToRestart(restApi(), deployments, named).map(({ metadata: { name } }) => name);

  test('selects the Deployments of the RestAPI, all or those named', () => {
    const foreign = { metadata: metadata('shop-controller') } as unknown as StoredObject<Deployment>;
    const all = [owned('shop-view'), owned('shop-model'), foreign];
    expect(names(all, [])).toEqual(['shop-model', 'shop-view']);
    expect(names(all, ['view'])).toEqual(['shop-view']);
    expect(() => names(all, ['controller'])).toThrow('has no Deployment shop-controller: the component is disabled');
    expect(() => names([], [])).toThrow('has no Deployment yet');
  });

  test('applies only the annotation, and only to the object with that uid', () => {
    expect(restartPatch(owned('shop-view'), NOW)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'default', name: 'shop-view', uid: 'uid-shop-view' },
      spec: {
        template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T01:00:00Z' } } },
      },
    });
  });
});

describe('diff', () => {
  const described = (spec: object = {}) =>
    generatedFor(RestAPI, restApi(undefined, spec), undefined, 'restapi-operator')
      .filter(({ object }) => object.kind === 'Deployment')
      .map(({ object }) => object);
  const stored = (objects: object[]) => JSON.parse(JSON.stringify(objects)) as StoredObject[];
  const lines = (desired: object[], there: StoredObject[] | 'not served') => {
    const state = { kind: 'Deployment', desired: desired as never, before: described(), observed: there };
    return changeLines(restApi(), changesOf(state, 'uid-shop')).slice(1);
  };

  test('reports nothing if there are no differences', () => {
    expect(lines(described(), stored(described()))).toEqual([]);
  });

  test('reports fields to set and fields no longer set', () => {
    const { env: _env, ...model } = restApi().spec.model;
    const wanted = described({ model: { ...model, replicas: 3 } });
    expect(lines(wanted, stored(described()))).toEqual([
      '~ Deployment shop-model',
      '    spec.replicas',
      '    spec.template.spec.containers[name=model].env[name=PASSWORD] (no longer set)',
    ]);
  });

  test('reports creations, deletions, conflicts and kinds that are not served', () => {
    const [model, view] = described();
    const foreign = stored([{ ...view, metadata: { name: 'shop-view', namespace: 'default' } }]);
    expect(lines([model as object, view as object], foreign)).toEqual([
      '+ Deployment shop-model',
      '! Deployment shop-view (an object with this name exists and is not owned by the RestAPI; it stays unchanged)',
    ]);
    expect(lines([model as object], stored(described()))).toEqual(['- Deployment shop-view']);
    expect(lines([model as object], 'not served')).toEqual([
      '! Deployment shop-model (the cluster does not serve this kind)',
    ]);
  });

  test('reads the RestAPIs of a file; errors name the problem', () => {
    const api = 'apiVersion: restapi.dev/v1alpha1\nkind: RestAPI\nmetadata: {name: shop}\n';
    expect(restApisOf(`${api}---\nkind: Secret\n---\n`, 'f').map(({ metadata: { name } }) => name)).toEqual(['shop']);
    expect(() => restApisOf('', 'f')).toThrow('f contains no RestAPI');
    expect(() => restApisOf('kind: Secret', 'f')).toThrow('f contains no RestAPI');
    expect(() => restApisOf('a: [', 'f')).toThrow('f is not YAML');
    expect(() => restApisOf(api.replace('v1alpha1', 'v9'), 'f')).toThrow('it must be restapi.dev/v1alpha1');
    expect(() => restApisOf(api.replace('name: shop', ''), 'f')).toThrow('no metadata.name');
  });
});

describe('the command line', () => {
  const read = (...words: string[]) => readArguments(words, VERBS);

  test('flags may precede and follow the verb', () => {
    const want = { args: ['shop'], flags: { namespace: 'a', output: 'json' } };
    expect(read('-n', 'a', 'status', 'shop', '-o', 'json')).toMatchObject(want);
    expect(read('status', '--output=json', 'shop', '--namespace', 'a')).toMatchObject(want);
  });

  test.each([
    [['stat'], 'unknown verb "stat"; available: status, events'],
    [['events'], 'events requires NAME'],
    [['events', 'a', 'b'], 'events: unexpected argument "b"'],
    [['events', 'a', '--watch'], "events: Unknown option '--watch'"],
    [['status', '-o', 'xml'], '--output "xml": must be json or yaml'],
    [['status', '--namespace='], '--namespace is empty'],
  ])('refuses %j', (words, message) => {
    expect(() => read(...words)).toThrow(message);
  });

  test('the help of every verb lists its flags, an example and exit codes', () => {
    for (const verb of VERBS) {
      const help = helpOfVerb(verb);
      for (const flag of verb.flags) expect(help).toContain(`--${flag}`);
      expect(help).toContain('Exit codes:');
      expect(help).toContain(`\n  ${verb.examples[0]}\n`);
      expect(read(verb.name, '--help')).toEqual({ help: verb });
    }
  });

  test('completes verbs, names, flags and their values', () => {
    const next = (...words: string[]) => candidatesFor(words, VERBS);
    expect(next('')).toContain('status');
    expect(next('-n', 'a', 'sta')).toContain('status');
    expect(next('status', '')).toBe('restapis');
    expect(next('status', '-n', '')).toBe('namespaces');
    expect(next('status', '-n', 'a', '')).toBe('restapis');
    expect(next('status', 'shop', '')).toEqual([]);
    expect(next('restart', 'shop', 'view', '')).toEqual(['model', 'controller', 'repository']);
    expect(next('wait', 'shop', '--for', '')).toEqual(['ready', 'deleted']);
    expect(next('wait', '--')).toContain('--timeout');
    expect(next('diff', '-f', '')).toBe('files');
    expect(next('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });
});
