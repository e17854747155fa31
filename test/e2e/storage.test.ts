import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../operator/index.ts';
import type { Deployment, PersistentVolumeClaim } from '../../resources/index.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';
import { volume } from '../support/volume.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator();
  await world.apply(...volume('manual'));
});
afterAll(() => world?.[Symbol.asyncDispose]());

const storage = { size: '1Gi', storageClassName: 'manual' };
const claim = () => world.get<StoredObject<PersistentVolumeClaim>>('persistentvolumeclaim', 'shop-repository');
const patch = (spec: object) =>
  world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify({ spec }));

async function ready(): Promise<void> {
  await eventually(async () => {
    const api = await world.restapi('shop');
    return api?.status?.phase === 'Ready' && api.status.observedGeneration === api.metadata.generation;
  });
}

test('the repository gets a volume; its old pod goes before the new one comes', async () => {
  await world.apply(sample('shop', { repository: { storage } }));
  await ready();
  expect((await claim())?.status?.phase).toBe('Bound');
  expect(await world.get<StoredObject<Deployment>>('deployment', 'shop-repository')).toMatchObject({
    spec: {
      strategy: { type: 'Recreate' },
      template: {
        spec: {
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'shop-repository' } }],
          containers: [{ volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
        },
      },
    },
  });
});

test.each([
  ['smaller', { size: '512Mi' }, 'spec.repository.storage.size', 'cannot be decreased'],
  ['of another class', { storageClassName: 'fast' }, 'spec.repository.storage.storageClassName', 'cannot be changed'],
  ['shared', { accessMode: 'ReadWriteMany' }, 'spec.repository.storage.accessMode', 'cannot be changed'],
])('it cannot become %s', async (_what, change, field, message) => {
  await expect(patch({ repository: { storage: change } })).rejects.toThrow(field);
  await expect(patch({ repository: { storage: change } })).rejects.toThrow(message);
});

test('two pods cannot share a volume for one', async () => {
  await expect(patch({ repository: { replicas: 2 } })).rejects.toThrow('allows only a single pod');
});

test('it stays while the repository is switched off', async () => {
  const before = (await claim())?.metadata.uid;
  await patch({ repository: { enabled: false } });
  await ready();
  expect(await world.get('deployment', 'shop-repository')).toBeUndefined();
  await patch({ repository: { enabled: true } });
  await ready();
  expect((await claim())?.metadata.uid).toBe(before);
});

test('it stays when the RestAPI goes, and the next of that name finds it again', async () => {
  const before = await claim();
  expect(before?.metadata.ownerReferences).toBeUndefined();
  await world.kubectl('delete', 'restapi', 'shop', '--timeout=90s');
  expect((await claim())?.metadata).toMatchObject({ uid: before?.metadata.uid });
  expect((await claim())?.metadata.deletionTimestamp).toBeUndefined();

  await world.apply(sample('shop', { repository: { storage } }));
  await ready();
  const after = await claim();
  expect(after?.metadata.uid).toBe(before?.metadata.uid);
  const uid = (await world.restapi('shop'))?.metadata.uid;
  expect(after?.metadata.annotations?.['restapi.dev/retained-for']).toContain(uid);
});

test('it is repaired like everything else', async () => {
  await world.kubectl('label', 'persistentvolumeclaim', 'shop-repository', 'app.kubernetes.io/managed-by-');
  await eventually(async () => (await claim())?.metadata.labels?.['app.kubernetes.io/managed-by']);
});

test('a volume to be deleted goes with the RestAPI', async () => {
  await patch({ repository: { storage: { whenDeleted: 'Delete' } } });
  await eventually(async () => (await claim())?.metadata.ownerReferences?.length === 1);
  expect((await claim())?.metadata.annotations).not.toHaveProperty('restapi.dev/retained-for');
  await world.kubectl('delete', 'restapi', 'shop', '--timeout=90s');
  // Kubernetes itself keeps a claim until no pod uses it.
  await eventually(async () => !(await claim()), { what: 'the claim gone' });
});
