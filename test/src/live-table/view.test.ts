import { describe, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { Deployment, RestAPI, Service } from '../../../resources/index.ts';
import type { Observed } from '../../../src/live-table/observed.ts';
import { podState } from '../../../src/live-table/pod-state.ts';
import { viewOf } from '../../../src/live-table/view.ts';
import { widthOf } from '../../../src/terminal/text.ts';
import type { Pod } from '../../../src/workload/pod.ts';

type Container = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

const PORTS = { model: 8080, view: 3000, controller: 8081, repository: 8082 };
const PLAIN = { width: Number.POSITIVE_INFINITY, height: Number.POSITIVE_INFINITY, colour: false };

function metadata(name: string, labels?: Record<string, string>) {
  return { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', ...(labels ? { labels } : {}) };
}

/** A RestAPI with one pod per component, and its generated objects. */
function application(
  name: string,
  { phase = 'Ready', message = 'All components are ready', image = 'shop:1' } = {},
): Observed {
  const components = Object.entries(PORTS);
  const api = {
    metadata: metadata(name),
    spec: { image, ...Object.fromEntries(components.map(([component, port]) => [component, { enabled: true, port }])) },
    status: { phase, replicas: 4, readyReplicas: 4, conditions: [{ type: 'Ready', message }] },
  } as unknown as StoredObject<RestAPI>;
  const deployments = components.map(([component]) => ({
    metadata: metadata(`${name}-${component}`),
    spec: { replicas: 1, template: { spec: { containers: [{ image }] } } },
    status: { readyReplicas: 1 },
  })) as unknown as StoredObject<Deployment>[];
  const services = components.map(([component, port]) => ({
    metadata: metadata(`${name}-${component}`),
    spec: { ports: [{ port }] },
  })) as unknown as StoredObject<Service>[];
  const pods = components.map(([component]) => pod(`${name}-${component}-a`, name, component));
  return { restapis: [api], deployments, services, pods };
}

function pod(name: string, api: string, component: string, status: Pod['status'] = RUNNING): StoredObject<Pod> {
  return { metadata: metadata(name, { 'restapi.dev/name': api, 'restapi.dev/component': component }), status };
}

function container(state: Container['state']): Container {
  return { name: 'app', ready: false, state };
}

const RUNNING: Pod['status'] = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

function together(...all: Observed[]): Observed {
  return {
    restapis: all.flatMap(({ restapis }) => restapis),
    deployments: all.flatMap(({ deployments }) => deployments ?? []),
    services: all.flatMap(({ services }) => services ?? []),
    pods: all.flatMap(({ pods }) => pods ?? []),
  };
}

describe('viewOf', () => {
  test('shows a RestAPI and its components', () => {
    expect(viewOf(application('shop'), PLAIN)).toEqual([
      'RestAPI default/shop  Ready  4/4 pods ready',
      '  All components are ready',
      '  COMPONENT   READY  SERVICE               IMAGE   PODS',
      '  model       1/1    shop-model:8080       shop:1  1 Running',
      '  view        1/1    shop-view:3000        shop:1  1 Running',
      '  controller  1/1    shop-controller:8081  shop:1  1 Running',
      '  repository  1/1    shop-repository:8082  shop:1  1 Running',
    ]);
  });

  test('shows missing and unknown objects, and the state of pods', () => {
    const shop = application('shop');
    const waiting = { phase: 'Pending', containerStatuses: [container({ waiting: { reason: 'ImagePullBackOff' } })] };
    const observed: Observed = {
      ...shop,
      deployments: shop.deployments?.slice(1),
      services: undefined,
      pods: [...(shop.pods ?? []).slice(1), pod('b', 'shop', 'view', waiting), pod('c', 'shop', 'view')],
    };
    const [, , , model, view] = viewOf(observed, PLAIN);
    expect(model?.split(/ +/)).toEqual(['', 'model', 'missing', '?', 'none']);
    expect(view).toContain('1 ImagePullBackOff, 2 Running');
    expect(viewOf({ ...shop, pods: undefined, deployments: undefined }, PLAIN)[3]?.split(/ {2,}/)).toEqual([
      '',
      'model',
      '?',
      'shop-model:8080',
      '?',
    ]);
  });

  test('sorts by name, whatever the order of the observations', () => {
    const observed = together(application('b'), application('a'));
    const reversed = {
      restapis: [...observed.restapis].reverse(),
      deployments: [...(observed.deployments ?? [])].reverse(),
      services: [...(observed.services ?? [])].reverse(),
      pods: [...(observed.pods ?? [])].reverse(),
    };
    expect(viewOf(observed, PLAIN)).toEqual(viewOf(reversed, PLAIN));
    expect(viewOf(observed, PLAIN).filter((line) => line.startsWith('RestAPI'))).toEqual([
      'RestAPI default/a  Ready  4/4 pods ready',
      'RestAPI default/b  Ready  4/4 pods ready',
    ]);
  });

  test('hides a disabled component once its objects are gone', () => {
    const shop = application('shop');
    const [api] = shop.restapis;
    const spec = { ...api?.spec, view: { enabled: false } };
    const restapis = [{ ...api, spec } as unknown as StoredObject<RestAPI>];
    expect(viewOf({ ...shop, restapis }, PLAIN)).toHaveLength(7);
    const gone = {
      ...shop,
      restapis,
      deployments: shop.deployments?.filter(({ metadata: { name } }) => name !== 'shop-view'),
      pods: shop.pods?.filter(({ metadata: { name } }) => !name.startsWith('shop-view')),
    };
    expect(viewOf(gone, PLAIN)).toHaveLength(6);
  });

  test('shows objects without any fields', () => {
    const bare = { metadata: metadata('bare') } as unknown as StoredObject<RestAPI>;
    expect(viewOf({ restapis: [bare], deployments: [], services: [], pods: [] }, PLAIN)).toHaveLength(7);
    expect(viewOf({ restapis: [], deployments: [], services: [], pods: [] }, PLAIN)).toHaveLength(1);
  });

  test('fits every line to the width and keeps the end of an image', () => {
    const image = 'registry.example.com/some/where/shop:1.0.0';
    const observed = application('shop', { image, message: '等'.repeat(100) });
    for (let width = 1; width <= 130; width++) {
      for (const line of viewOf(observed, { ...PLAIN, width, colour: true }))
        expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
    const [, , , model] = viewOf(observed, { ...PLAIN, width: 80 });
    expect(model).toBe('  model       1/1    shop-model:8080       …ere/shop:1.0.0  1 Running');
  });

  test('columns do not move when pods come and go', () => {
    const shop = application('shop', { image: 'registry.example.com/shop:1.0.0' });
    const busy = {
      ...shop,
      pods: [...(shop.pods ?? []), pod('b', 'shop', 'model', { phase: 'Pending' }), pod('c', 'shop', 'model')],
    };
    const at = (observed: Observed) => viewOf(observed, { ...PLAIN, width: 80 })[2]?.indexOf('PODS');
    expect(at(busy)).toBe(at(shop));
  });

  test('shortens what does not fit, then hides and counts it', () => {
    const observed = together(
      ...['a', 'b', 'c'].map((name) => application(name)),
      application('broken', { phase: 'Degraded', message: 'Waiting for view' }),
    );
    expect(viewOf(observed, { ...PLAIN, height: 31 })).toHaveLength(31);
    const tables = (height: number) => {
      const lines = viewOf(observed, { ...PLAIN, height });
      expect(lines.length).toBeLessThanOrEqual(height);
      expect(lines).toContain('  Waiting for view');
      return lines.filter((line) => line.includes('COMPONENT')).length;
    };
    expect([30, 24, 19, 12].map(tables)).toEqual([3, 2, 2, 1]);
    const cut = viewOf(observed, { ...PLAIN, height: 5 });
    expect(cut).toHaveLength(5);
    expect(cut.at(-1)).toMatch(/^… \d+ more lines/);
  });

  test('a message can neither break the table nor control the terminal', () => {
    const lines = viewOf(application('shop', { message: 'one\ntwo\r\u001b[2J\u0007\u202ethree' }), PLAIN);
    expect(lines[1]).toBe('  one two three');
  });

  test('uses colours only if enabled', () => {
    const observed = application('shop', { phase: 'Failed' });
    expect(viewOf(observed, { ...PLAIN, colour: true })[0]).toContain('\u001b[31mFailed\u001b[0m');
    expect(viewOf(observed, PLAIN).join('')).not.toContain('\u001b');
  });
});

test.each<[string, Pod['status'], object?]>([
  ['Running', RUNNING],
  ['Unready', { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] }],
  ['Pending', {}],
  [
    'Unschedulable',
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
  ],
  [
    'CrashLoopBackOff',
    { phase: 'Running', containerStatuses: [container({ waiting: { reason: 'CrashLoopBackOff' } })] },
  ],
  ['Completed', { phase: 'Running', containerStatuses: [container({ terminated: { reason: 'Completed' } })] }],
  ['Evicted', { phase: 'Failed', reason: 'Evicted' }],
  ['Terminating', RUNNING, { deletionTimestamp: '2026-01-01T00:00:00Z' }],
])('a pod is %s', (state, status, meta = {}) => {
  expect(podState({ metadata: { name: 'a', ...meta }, status })).toBe(state);
});
