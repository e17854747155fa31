import { describe, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { COMPONENTS, type ComponentName } from '../../../resources/api/component-name.ts';
import type { Change } from './cluster-state.ts';
import { KindHistory } from './kind-history.ts';
import { COMPONENT_LABEL, ENVIRONMENT_LABEL, NAME_LABEL, SERVICE_NAME } from './labels.ts';
import { MergedHistory } from './merged-history.ts';
import { SafetyMonitor, type Violation } from './safety-monitor.ts';
import type { Application } from './safety-rules.ts';

const APP = { namespace: 'default', name: 'shop', least: 1, components: COMPONENTS, ports: COMPONENTS, stable: [] };

function stored(kind: string, name: string, content: object): StoredObject {
  const { labels, ...rest } = content as { labels?: Record<string, string> };
  const metadata = { name, namespace: 'default', uid: name, resourceVersion: '1', labels };
  return { kind, metadata, ...rest };
}

const labelsOf = (env: string, component: string) => ({
  [NAME_LABEL]: 'shop',
  [ENVIRONMENT_LABEL]: env,
  [COMPONENT_LABEL]: component,
});

/** A pod is told by its environment and component, and a number where there are several. */
function pod(env: string, component: string, ready = true, number = 0): StoredObject {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }];
  return stored('Pod', `${env}-${component}-${number}`, { labels: labelsOf(env, component), status: { conditions } });
}

function terminating(object: StoredObject): StoredObject {
  return { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
}

function front(selector: object | null): StoredObject {
  return stored('Service', 'shop', { spec: { selector } });
}

const select = (env: string) => front({ [NAME_LABEL]: 'shop', [ENVIRONMENT_LABEL]: env });

function deployment(env: string, component: string, replicas: number): StoredObject {
  const template = { metadata: { labels: labelsOf(env, component) } };
  return stored('Deployment', `shop-${component}-${env}`, { spec: { replicas, template } });
}

/** The EndpointSlice of one port, with ready endpoints of these environments. */
function slice(port: string, ...envs: string[]): StoredObject {
  const endpoints = envs.map((env) => ({
    conditions: { ready: true },
    targetRef: { name: `${env}-${port}-0`, uid: `${env}-${port}-0` },
  }));
  return stored('EndpointSlice', `shop-${port}`, {
    labels: { [SERVICE_NAME]: 'shop' },
    ports: [{ name: port }],
    endpoints,
  });
}

const each = (make: (component: ComponentName) => StoredObject) => COMPONENTS.map(make);
const set = (objects: StoredObject | StoredObject[]): Change[] =>
  [objects].flat().map((object) => ({ type: 'MODIFIED', object }));
const gone = (object: StoredObject): Change[] => [{ type: 'DELETED', object }];

/** Blue serves, completely; green is there at 0. */
const BLUE_SERVES = [
  ...set(each((component) => deployment('blue', component, 1))),
  ...set(each((component) => deployment('green', component, 0))),
  ...set(each((component) => pod('blue', component))),
  ...set(select('blue')),
  ...set(each((component) => slice(component, 'blue'))),
];
const GREEN_COMES = [
  ...set(each((component) => deployment('green', component, 1))),
  ...set(each((component) => pod('green', component))),
];
const SWITCH = [...set(select('green')), ...set(each((component) => slice(component, 'green')))];
const BLUE_GOES = [
  ...set(each((component) => deployment('blue', component, 0))),
  ...set(each((component) => terminating(pod('blue', component)))),
  ...each((component) => pod('blue', component)).flatMap(gone),
];

function judge(changes: Change[], app: Application = APP): SafetyMonitor {
  const monitor = new SafetyMonitor(app);
  for (const [index, change] of changes.entries()) monitor.next(change, index + 1);
  return monitor;
}

const rules = (violations: readonly Violation[]) => [...new Set(violations.map(({ rule }) => rule))].sort();

describe('one history is judged at each of its moments', () => {
  test('a good release is clean, forward and back', () => {
    const back = [
      ...set(each((component) => deployment('blue', component, 1))),
      ...set(each((component) => pod('blue', component))),
      ...set(select('blue')),
      ...set(each((component) => slice(component, 'blue'))),
    ];
    const monitor = judge([...BLUE_SERVES, ...GREEN_COMES, ...SWITCH, ...BLUE_GOES, ...back]);
    expect(monitor.violations).toEqual([]);
    expect(monitor.guardedSince).toBe(13);
  });

  test('components that end must not be called any more', () => {
    const [view, controller] = (['view', 'controller'] as const).map((component) => deployment('blue', component, 0));
    const green = [...BLUE_SERVES, ...GREEN_COMES, ...SWITCH];
    const ordered = { ...APP, ordered: true };
    const early = judge(
      [...green, ...set([view as never, terminating(pod('blue', 'view')), controller as never])],
      ordered,
    );
    expect(rules(early.violations)).toEqual(['stop-order']);
    expect(early.violations[0]?.message).toBe('it ends while there are 1 pods of view, which call it');
    const deleted = judge([...green, ...gone(deployment('blue', 'model', 1))], ordered);
    expect(rules(deleted.violations)).toEqual(['stop-order']);
    const late = judge(
      [...green, ...set(view as never), ...gone(pod('blue', 'view')), ...set(controller as never)],
      ordered,
    );
    expect(late.violations).toEqual([]);
  });

  test.each<[string, Change[], Violation['rule'][], string]>([
    ['the front Service is gone', gone(select('blue')), ['front'], 'it is gone'],
    ['its selector is empty', set(front(null)), ['front'], 'its selector is {}'],
    ['it selects all environments', set(front({ [NAME_LABEL]: 'shop' })), ['front'], 'not one environment'],
    ['it selects one there is not', set(select('red')), ['front'], '"red"'],
    ['it selects those of another', set(front({ [NAME_LABEL]: 'x', [ENVIRONMENT_LABEL]: 'blue' })), ['front'], '"x"'],
    ['a pod is not ready', set(pod('blue', 'model', false)), ['pods'], 'blue, which has 0 ready pods of model'],
    ['a pod is terminating', set(terminating(pod('blue', 'view'))), ['pods'], 'ready pods of view'],
    ['a pod is gone', gone(pod('blue', 'repository')), ['pods'], 'ready pods of repository'],
    ['an endpoint is gone', set(slice('model')), ['endpoints'], 'port model has 0 ready endpoints, not 1'],
    ['an EndpointSlice is gone', gone(slice('view', 'blue')), ['endpoints'], 'port view has 0 ready endpoints'],
    [
      'the active is scaled down',
      set(deployment('blue', 'model', 0)),
      ['active-scaled-down', 'both-at-zero'],
      'scaled to 0',
    ],
    [
      'its Deployment is gone',
      gone(deployment('blue', 'model', 1)),
      ['active-scaled-down', 'both-at-zero'],
      'and gone',
    ],
  ])('%s', (_what, changes, expected, words) => {
    const { violations } = judge([...BLUE_SERVES, ...changes]);
    expect(rules(violations)).toEqual(expected);
    expect(violations.map(({ message }) => message).join('\n')).toContain(words);
    expect(violations[0]?.resourceVersion).toBe(BLUE_SERVES.length + 1);
    expect(violations[0]?.after).toContain(changes[0]?.object.metadata.name);
  });

  test('an endpoint of another environment, with no switch', () => {
    const { violations } = judge([...BLUE_SERVES, ...GREEN_COMES, ...set(slice('model', 'blue', 'green'))]);
    expect(violations).toMatchObject([
      { rule: 'endpoints', message: 'port model leads to a pod of green while blue is active' },
    ]);
  });

  test('both colours at 0, while the active one is unknown', () => {
    const { violations } = judge([...BLUE_SERVES, ...set(front(null)), ...set(deployment('blue', 'model', 0))]);
    expect(rules(violations)).toEqual(['both-at-zero', 'front']);
  });

  test('without colours they may be missing', () => {
    const main = [
      ...set(each((component) => deployment('main', component, 1))),
      ...set(each((component) => pod('main', component))),
      ...set(select('main')),
      ...set(each((component) => slice(component, 'main'))),
    ];
    const monitor = judge(main);
    expect(monitor.violations).toEqual([]);
    expect(monitor.guardedSince).toBeDefined();
  });

  test('a switch before the other is ready', () => {
    const early = set(each((component) => deployment('green', component, 1)));
    const { violations } = judge([...BLUE_SERVES, ...early, ...SWITCH.slice(0, 1), ...GREEN_COMES]);
    expect(rules(violations)).toEqual(['pods']);
    expect(violations).toHaveLength(4);
  });

  test('a scale-down before the switch', () => {
    const { violations } = judge([...BLUE_SERVES, ...GREEN_COMES, ...BLUE_GOES, ...SWITCH]);
    expect(rules(violations)).toEqual(['active-scaled-down', 'pods']);
  });

  test('in a switch the ports may follow one by one, but none may lead nowhere', () => {
    const [selector = [], ...slices] = SWITCH.map((change) => [change]);
    const before = [...BLUE_SERVES, ...GREEN_COMES, ...selector];
    expect(judge([...before, ...slices.slice(0, 2).flat()]).violations).toEqual([]);
    const { violations } = judge([...before, ...set(slice('model')), ...slices.flat()]);
    expect(violations).toMatchObject([
      { rule: 'endpoints-in-switch', message: 'port model has 0 ready endpoints, not 1' },
    ]);
  });

  test('a Service of some ports', () => {
    const app = { ...APP, ports: ['view'] as const };
    expect(judge([...BLUE_SERVES, ...gone(slice('model', 'blue'))], app).violations).toEqual([]);
    expect(rules(judge([...BLUE_SERVES, ...gone(slice('view', 'blue'))], app).violations)).toEqual(['endpoints']);
  });

  test('stable Services: each leads to one environment, whichever, from when they all lead somewhere', () => {
    const app = { ...APP, stable: COMPONENTS };
    const stable = (component: ComponentName, ...envs: string[]): StoredObject => {
      const { metadata, ...rest } = slice(component, ...envs);
      const labels = { [SERVICE_NAME]: `shop-${component}` };
      return {
        ...rest,
        metadata: { ...metadata, name: `stable-${component}`, labels },
        ports: [{ name: 'http' }],
      } as never;
    };
    const served = [...BLUE_SERVES, ...set(each((component) => stable(component, 'blue')))];
    const followed = set(each((component) => stable(component, 'green')));
    const released = [...served, ...GREEN_COMES, ...SWITCH, ...followed, ...BLUE_GOES];
    expect(judge(released, app).violations).toEqual([]);
    expect(judge([...served, ...GREEN_COMES, ...set(stable('model'))], app).violations).toMatchObject([
      { rule: 'stable-endpoints', object: 'Service shop-model', message: 'it has 0 ready endpoints, not 1' },
    ]);
    expect(judge([...served, ...GREEN_COMES, ...set(stable('view', 'blue', 'green'))], app).violations).toMatchObject([
      { rule: 'stable-endpoints', object: 'Service shop-view', message: 'it leads to pods of several environments' },
    ]);
  });

  test('as many as the test asks for', () => {
    const two = [1, 0].flatMap((number) => set(each((component) => pod('blue', component, true, number))));
    const deployments = set(each((component) => deployment('blue', component, 2)));
    const slices = set(each((component) => slice(component, 'blue', 'blue')));
    const good = [...deployments, ...two, ...set(select('blue')), ...slices];
    const app = { ...APP, least: 2 };
    expect(judge(good, app).violations).toEqual([]);
    const bad = [
      ...set(pod('blue', 'model', false)),
      ...set(slice('view', 'blue')),
      ...set(deployment('blue', 'view', 1)),
    ];
    expect(rules(judge([...good, ...bad], app).violations)).toEqual(['active-scaled-down', 'endpoints', 'pods']);
  });

  test('what stays wrong is said once, and again when it comes back', () => {
    const bad = set(pod('blue', 'model', false));
    const unrelated = set(pod('green', 'model'));
    expect(judge([...BLUE_SERVES, ...bad, ...unrelated, ...unrelated]).violations).toHaveLength(1);
    expect(judge([...BLUE_SERVES, ...bad, ...set(pod('blue', 'model')), ...bad]).violations).toHaveLength(2);
  });

  test('before it was served nothing is judged, and that can be told', () => {
    const monitor = judge([...set(select('blue')), ...set(deployment('blue', 'model', 0))]);
    expect(monitor.violations).toEqual([]);
    expect(monitor.guardedSince).toBeUndefined();
  });

  test('objects of another namespace are ignored', () => {
    const object = pod('blue', 'model', false);
    const other = { ...object, metadata: { ...object.metadata, namespace: 'other' } };
    expect(judge([...BLUE_SERVES, ...set(other)]).violations).toEqual([]);
  });
});

describe('several histories are merged into one', () => {
  test('a change waits until none of the others can tell of an earlier one', () => {
    const merged = new MergedHistory<string>(['pods', 'services']);
    merged.reach('pods', 1);
    merged.reach('services', 1);
    merged.add('pods', 5, 'second');
    expect(merged.take()).toEqual([]);
    merged.add('services', 3, 'first');
    expect(merged.take()).toEqual([{ version: 3, item: 'first' }]);
    merged.reach('services', 9);
    expect(merged.take()).toEqual([{ version: 5, item: 'second' }]);
    expect(merged.take()).toEqual([]);
  });

  test('what comes too late is an error', () => {
    const merged = new MergedHistory<string>(['pods']);
    merged.reach('pods', 5);
    expect(() => merged.add('pods', 5, 'late')).toThrow('pods: change 5 came after 5');
  });
});

describe('the history of a kind has no gaps', () => {
  const at = (resourceVersion: string, name = 'a') => {
    const object = stored('Pod', name, {});
    return { ...object, metadata: { ...object.metadata, resourceVersion } };
  };
  const list = (resourceVersion: string, ...objects: StoredObject[]) => ({
    type: 'REPLACE' as const,
    objects: new Map(objects.map((object) => [object.metadata.name, object])),
    resourceVersion,
    epoch: 1,
  });

  test('a second list that says nothing new is none', () => {
    const history = new KindHistory();
    expect(history.read(list('5', at('3'), at('4', 'b')))).toMatchObject({ type: 'begin', version: 5 });
    history.read({ type: 'CHANGE', change: { type: 'MODIFIED', object: at('6') }, resourceVersion: '6', epoch: 1 });
    history.read({ type: 'CHANGE', change: { type: 'DELETED', object: at('7', 'b') }, resourceVersion: '7', epoch: 1 });
    expect(history.read(list('9', at('6')))).toEqual({ type: 'reach', version: 9 });
  });

  test.each([
    ['changed', [at('8')]],
    ['gone', []],
    ['new', [at('3'), at('8', 'b')]],
  ])('an object that is %s is one', (_what, objects) => {
    const history = new KindHistory();
    history.read(list('5', at('3')));
    expect(() => history.read(list('9', ...objects))).toThrow('a gap before resource version 9');
  });
});
