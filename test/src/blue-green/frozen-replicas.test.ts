import { expect, test } from 'vitest';
import { type StoredObject, withDefaults } from '../../../operator/index.ts';
import { type ComponentName, type Deployment, RestAPI } from '../../../resources/index.ts';
import { frozenReplicas } from '../../../src/blue-green/frozen-replicas.ts';
import { stored } from './stored.ts';

function deployment(component: ComponentName, replicas: number, metadata: object = {}, environment = 'green') {
  const name = `shop-${component}-${environment}`;
  return { metadata: { name, uid: name, ...metadata }, spec: { replicas } } as unknown as StoredObject<Deployment>;
}

const AUTO_SCALING = withDefaults(RestAPI, {
  ...stored('b'),
  spec: { image: 'b', autoScaling: {} },
} as unknown as StoredObject<RestAPI>).spec.autoScaling;
const api = (spec: object): StoredObject<RestAPI> => {
  const made = stored('b');
  return { ...made, spec: { ...made.spec, ...spec } };
};
const rescaled = (spec: object, ...deployments: StoredObject<Deployment>[]) =>
  frozenReplicas(api(spec), 'green', deployments).map(({ deployment: { metadata }, replicas }) => [
    metadata.name,
    replicas,
  ]);

test('running components of the active environment follow the replicas of the spec', () => {
  const found = [
    deployment('view', 2),
    deployment('model', 5),
    deployment('controller', 3),
    deployment('view', 2, {}, 'blue'),
  ];
  expect(rescaled({ replicas: 3 }, ...found)).toEqual([
    ['shop-model-green', 3],
    ['shop-view-green', 3],
  ]);
});

test.each<[what: string, spec: object, found: StoredObject<Deployment>]>([
  ['stopped', { replicas: 0 }, deployment('view', 2)],
  ['started', { replicas: 2 }, deployment('view', 0)],
  ['left to an autoscaler that the spec requests', { replicas: 3, autoScaling: AUTO_SCALING }, deployment('view', 2)],
  [
    'left to an autoscaler that could not be removed',
    { replicas: 3 },
    deployment('view', 2, { annotations: { 'restapi.dev/asked-replicas': '2' } }),
  ],
  [
    'that the spec disables',
    { replicas: 3, view: { ...stored('b').spec.view, enabled: false } },
    deployment('view', 2),
  ],
  ['being deleted', { replicas: 3 }, deployment('view', 2, { deletionTimestamp: 'now' })],
])('nothing is %s', (_what, spec, found) => {
  expect(rescaled(spec, found)).toEqual([]);
});
