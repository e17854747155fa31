import { expect, test } from 'vitest';
import type { OwnerReference, StoredObject } from '../../../operator/index.ts';
import type { RestAPI } from '../../../resources/index.ts';
import { ownPods } from '../../../src/workload/own-pods.ts';

const api = { metadata: { name: 'shop' } } as RestAPI;
const RS = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-model-blue-5d8f7', uid: 'rs', controller: true };

const pod = (owners: OwnerReference[], labels: Record<string, string> = {}) =>
  ({
    metadata: {
      name: 'shop-model-blue-5d8f7-x',
      labels: {
        'restapi.dev/name': 'shop',
        'restapi.dev/component': 'model',
        'restapi.dev/environment': 'blue',
        'pod-template-hash': '5d8f7',
        ...labels,
      },
      ownerReferences: owners,
    },
  }) as unknown as StoredObject;

test('a pod whose controller is a ReplicaSet of the Deployment is its own', () => {
  expect(ownPods(api, [pod([RS])])).toHaveLength(1);
});

test.each<[what: string, pod: StoredObject]>([
  ['without an owner', pod([])],
  ['of a ReplicaSet that does not control it', pod([{ ...RS, controller: false }])],
  ['of another controller', pod([{ ...RS, kind: 'StatefulSet' }])],
  ['of a ReplicaSet of another API group', pod([{ ...RS, apiVersion: 'example.com/v1' }])],
  ['of another ReplicaSet', pod([{ ...RS, name: 'debug-5d8f7' }])],
  ['of a Deployment whose name begins alike', pod([{ ...RS, name: 'shop-model-blue-2-5d8f7' }])],
  ['of the Deployment of another environment', pod([RS], { 'restapi.dev/environment': 'green' })],
  ['with the hash of another template', pod([RS], { 'pod-template-hash': '77777' })],
  ['of no component', pod([RS], { 'restapi.dev/component': 'database' })],
])('a pod with the labels of a RestAPI, but %s, is not its own', (_what, one) => {
  expect(ownPods(api, [one])).toEqual([]);
});
