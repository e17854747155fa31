import { expect, test } from 'vitest';
import { generatedFor, type StoredObject, withDefaults } from '../../../operator/index.ts';
import { type ComponentName, type Decision, plainDecision, RestAPI } from '../../../resources/index.ts';
import { keepFrontServing, type ObservedFront } from '../../../src/controller/front-entry.ts';

const META = { name: 'shop', namespace: 'default', uid: 'uid', resourceVersion: '1' };
const LABELS = { 'restapi.dev/name': 'shop', 'restapi.dev/environment': 'main' };

function restApi(spec: object): StoredObject<RestAPI> {
  const identity = { apiVersion: 'restapi.dev/v1alpha1', kind: 'RestAPI', metadata: META };
  return withDefaults(RestAPI, { ...identity, spec: { image: 'shop:1', ...spec } } as unknown as StoredObject<RestAPI>);
}

interface State {
  /** The component that the front Service selects. */
  selected: ComponentName;
  /** The components with a ready pod behind the front Service. */
  behind?: ComponentName[];
  /** Replicas and available pods by component. */
  pods: Partial<Record<ComponentName, [replicas: number, available: number]>>;
}

function observed({ selected, behind = [selected], pods }: State): ObservedFront {
  const slice = (service: string, port: string, component: ComponentName, count: number) => ({
    metadata: { ...META, name: `${service}-x`, labels: { 'kubernetes.io/service-name': service } },
    ports: [{ name: port }],
    endpoints: Array.from({ length: count }, (_, index) => ({
      conditions: { ready: true },
      targetRef: { name: `shop-${component}-7d-${index}` },
    })),
  });
  const entries = Object.entries(pods) as [ComponentName, [number, number]][];
  const pod = (component: ComponentName, index: number) => ({
    metadata: {
      ...META,
      name: `shop-${component}-7d-${index}`,
      labels: { 'pod-template-hash': '7d' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `shop-${component}-7d`, controller: true }],
    },
  });
  return {
    pods: entries.flatMap(([component, [, available]]) =>
      Array.from({ length: available }, (_, at) => pod(component, at)),
    ),
    fronts: [{ metadata: META, spec: { selector: { ...LABELS, 'restapi.dev/component': selected } } }],
    deployments: entries.map(([component, [replicas, availableReplicas]]) => ({
      metadata: { ...META, name: `shop-${component}` },
      spec: { replicas },
      status: { availableReplicas },
    })),
    slices: [
      ...behind.map((component) => slice('shop', component, component, 1)),
      ...entries.map(([component, [, available]]) => slice(`shop-${component}`, 'http', component, available)),
    ],
  } as unknown as ObservedFront;
}

/** What the front Service selects, which Deployments there are, and which components accept all clients. */
function outcome(spec: object, state: State) {
  const api = restApi(spec);
  const decision: Decision = keepFrontServing(api, plainDecision(api), observed(state));
  const objects = generatedFor(RestAPI, api, decision, 'test').map(({ object }) => object as unknown as Found);
  const named = (kind: string) => objects.filter((object) => object.kind === kind);
  const component = ({ metadata }: Found) => metadata.name.slice('shop-'.length);
  return {
    front: named('Service').find(({ metadata }) => metadata.name === 'shop')?.spec.selector?.['restapi.dev/component'],
    deployed: named('Deployment').map(component),
    open: named('NetworkPolicy')
      .filter(({ spec }) => spec.ingress?.[0]?.from === undefined)
      .map(component),
  };
}

interface Found {
  kind: string;
  metadata: { name: string };
  spec: { selector?: Record<string, string>; ingress?: { from?: object }[] };
}

const OFF = { enabled: false };

test('the front stays with the controller until all pods of the view that was enabled are ready', () => {
  const state = (available: number): State => ({
    selected: 'controller',
    pods: { controller: [2, 2], view: [2, available] },
  });
  for (const available of [0, 1])
    expect(outcome({ replicas: 2 }, state(available))).toMatchObject({
      front: 'controller',
      open: ['view', 'controller'],
    });
  expect(outcome({ replicas: 2 }, state(2))).toMatchObject({ front: 'view', open: ['view'] });
  expect(outcome({}, { selected: 'controller', pods: { controller: [1, 1] } })).toMatchObject({ front: 'controller' });
});

test('the front leaves the view that was disabled at once, and its pods stay until the front has left them', () => {
  const spec = { view: OFF };
  const pods: State['pods'] = { controller: [1, 1], view: [2, 2] };
  const rest = ['model', 'controller', 'repository'];
  expect(outcome(spec, { selected: 'view', pods })).toMatchObject({
    front: 'controller',
    deployed: ['model', 'view', 'controller', 'repository'],
  });
  // The selector is written, and the EndpointSlices have not followed yet.
  expect(outcome(spec, { selected: 'controller', behind: ['view'], pods }).deployed).toContain('view');
  expect(outcome(spec, { selected: 'controller', behind: [], pods }).deployed).toEqual(rest);
  expect(outcome(spec, { selected: 'controller', pods })).toEqual({
    front: 'controller',
    deployed: rest,
    open: ['controller'],
  });
});

test('a view that makes room for a controller without pods goes on serving, with its pods and open to all', () => {
  const spec = { view: OFF };
  expect(outcome(spec, { selected: 'view', pods: { view: [2, 2] } })).toEqual({
    front: 'view',
    deployed: ['model', 'view', 'controller', 'repository'],
    open: ['view', 'controller'],
  });
  const api = restApi(spec);
  const state = observed({ selected: 'view', pods: { view: [2, 2] } });
  expect(keepFrontServing(api, plainDecision(api), state).environments[0]?.replicas).toMatchObject({
    view: 2,
    controller: 1,
  });
});

test('nothing is held where nothing serves', () => {
  expect(outcome({}, { selected: 'controller', behind: [], pods: { controller: [1, 0] } }).front).toBe('view');
  const api = restApi({});
  const nothing = { fronts: [], deployments: [], slices: [], pods: [] };
  expect(keepFrontServing(api, plainDecision(api), nothing)).toEqual(plainDecision(api));
});

test('a switch to another environment is not held', () => {
  const api = restApi({});
  const plain = plainDecision(api);
  const blue = plain.environments.map((environment) => ({ ...environment, name: 'blue' as const }));
  const decision = { ...plain, environments: blue, front: { environment: 'blue' as const } };
  expect(keepFrontServing(api, decision, observed({ selected: 'controller', pods: { controller: [1, 1] } }))).toBe(
    decision,
  );
});
