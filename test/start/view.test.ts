import { describe, expect, test } from 'vitest';
import { ArgumentError, readArguments } from '../../src/start/arguments.ts';
import { type Observed, viewOf } from '../../src/start/view.ts';

const api = (name: string, status: object = {}) => {
  const component = (port: number, enabled = true) => ({ enabled, port, resources: {} });
  return {
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1' },
    spec: {
      image: 'img:1',
      replicas: 2,
      model: component(8080),
      view: component(3000),
      controller: component(8081),
      repository: component(8082, false),
    },
    status,
  };
};
const pod = (component: string, status: object, metadata: object = {}) => ({
  metadata: {
    name: 'p',
    namespace: 'default',
    uid: 'p',
    resourceVersion: '1',
    labels: { 'restapi.dev/name': 'shop', 'restapi.dev/component': component },
    ...metadata,
  },
  status,
});
const observed = {
  restapis: [
    api('shop', {
      phase: 'Progressing',
      replicas: 6,
      readyReplicas: 2,
      conditions: [{ type: 'Ready', message: 'Waiting for view' }],
    }),
  ],
  deployments: [
    {
      metadata: { name: 'shop-model', namespace: 'default', uid: 'd', resourceVersion: '1' },
      spec: { replicas: 2, template: { spec: { containers: [{ image: 'img:1' }] } } },
      status: { readyReplicas: 2 },
    },
  ],
  pods: [
    pod('model', { phase: 'Running' }),
    pod('model', { phase: 'Running' }, { deletionTimestamp: 'now' }),
    pod('view', { phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] }),
    pod('view', { phase: 'Running' }, { namespace: 'elsewhere' }),
  ],
} as unknown as Observed;

describe('the view', () => {
  test('shows phase, message and each enabled component', () => {
    expect(viewOf(observed, { width: 120, colour: false })).toEqual([
      'RestAPI default/shop  Progressing  2/6 pods ready  Waiting for view',
      '  COMPONENT   READY    SERVICE               PODS                      IMAGE',
      '  model       2/2      shop-model:8080       1 Running, 1 Terminating  img:1',
      '  view        missing  shop-view:3000        1 ImagePullBackOff',
      '  controller  missing  shop-controller:8081  none',
    ]);
  });

  test('fits the terminal', () => {
    for (const width of [40, 60, 80]) {
      for (const line of viewOf(observed, { width, colour: false })) expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  test('has colours only where wanted', () => {
    expect(viewOf(observed, { width: 120, colour: true })[0]).toContain('\u001b[33mProgressing\u001b[0m');
  });

  test('says what to do when there is nothing', () => {
    expect(viewOf({ restapis: [], deployments: [], pods: [] }, { width: 80, colour: false })).toEqual([
      'No RestAPI yet: apply one, and it appears here.',
    ]);
  });
});

describe('the command line', () => {
  test.each<[string, string[], object]>([
    ['nothing', [], { mode: 'local', once: false }],
    ['--once', ['--once'], { mode: 'local', once: true }],
    ['--help', ['--help'], { mode: 'help' }],
    ['--context', ['--context', 'kind'], { mode: 'context', context: 'kind', installCrd: false }],
  ])('%s', (_name, args, expected) => {
    expect(readArguments(args)).toMatchObject(expected);
  });

  test.each<[string, string[], string]>([
    ['an unknown option', ['--contxt', 'kind'], "Unknown option '--contxt'"],
    ['--namespace alone', ['--namespace', 'a'], '--namespace is for a cluster of yours: say which by --context NAME'],
    ['--once with --context', ['--context', 'kind', '--once'], '--once is for the local cluster'],
  ])('refuses %s', (_name, args, message) => {
    expect(() => readArguments(args)).toThrow(ArgumentError);
    expect(() => readArguments(args)).toThrow(message);
  });
});
