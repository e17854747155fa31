import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiClient, type KubernetesObject, type ResourceType, type StoredObject } from '../../../operator/index.ts';
import { takeStep } from '../../../operator/reconcile/apply-step.ts';
import { desiredObject, type Ownership } from '../../../operator/reconcile/desired-object.ts';
import { plan } from '../../../operator/reconcile/plan.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';

interface Deployment extends KubernetesObject {
  spec: { replicas?: number; selector: object; template: object };
}

const DEPLOYMENT: ResourceType = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
const OWNER: StoredObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'owner', namespace: 'default', uid: 'owner', resourceVersion: '1' },
};
const OWNERSHIP: Ownership = {
  fieldManager: 'test',
  hashAnnotation: 'example.com/applied-hash',
  dependentAnnotation: 'example.com/dependent',
  retainedAnnotation: 'example.com/retained-for',
  generationAnnotation: 'example.com/made-for',
  termAnnotation: 'example.com/leader-term',
  givenUpAnnotation: 'example.com/given-up-fields',
};
const CARRIES = ['spec.replicas'];

let cluster: ControlPlane;
let client: ApiClient;
beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
});
afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

const described = (name: string, replicas: number, image: string) =>
  desiredObject(
    {
      metadata: { name },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'app', image }] } },
      },
    } as KubernetesObject,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespaced: true,
      dependent: 'Pods',
      retained: false,
      externallyManaged: CARRIES,
    },
    OWNER,
    OWNERSHIP,
  );
const stored = (name: string) => client.get(DEPLOYMENT, 'default', name) as Promise<StoredObject<Deployment>>;
const kubectl = async (...args: string[]) => {
  const { exitCode, stderr } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(stderr);
};
/** Brings a Deployment to what is described, from what was observed. */
async function apply(desired: ReturnType<typeof described>, observed: StoredObject[]) {
  const [step] = plan([desired], observed, OWNER.metadata.uid, OWNERSHIP, CARRIES);
  if (!step) throw new Error('nothing was planned');
  const signal = AbortSignal.timeout(30_000);
  const context = { client, type: DEPLOYMENT, ownerUid: OWNER.metadata.uid, ownership: OWNERSHIP, signal };
  const taken = await takeStep(step, { ...context, externallyManaged: CARRIES });
  return { step, taken };
}

test('a change of an externally managed field causes no write and is no drift', async () => {
  await apply(described('calm', 2, 'a:1'), []);
  await kubectl('scale', 'deployment', 'calm', '--replicas=5');
  const { step, taken } = await apply(described('calm', 5, 'a:1'), [await stored('calm')]);
  expect(step.action).toBe('keep');
  expect(taken.written).toBe(false);
  // A number that was decided upon is written as ever.
  const { step: decided } = await apply(described('calm', 1, 'a:1'), [await stored('calm')]);
  expect(decided).toMatchObject({ action: 'update', fields: ['spec.replicas'], drift: false });
  expect((await stored('calm')).spec.replicas).toBe(1);
});

test('a write for another reason does not revert an externally managed field', async () => {
  await apply(described('busy', 2, 'a:1'), []);
  await kubectl('scale', 'deployment', 'busy', '--replicas=3');
  const looked = await stored('busy');
  await kubectl('scale', 'deployment', 'busy', '--replicas=7');
  const { taken } = await apply(described('busy', 3, 'a:2'), [looked]);
  expect(taken.written).toBe(true);
  const { spec } = await stored('busy');
  expect(spec.replicas).toBe(7);
  expect(JSON.stringify(spec.template)).toContain('a:2');
  // Nor does the next one, and the field belongs to who changed it last.
  await kubectl('scale', 'deployment', 'busy', '--replicas=8');
  await apply(described('busy', 7, 'a:3'), [{ ...looked, spec: { ...spec, replicas: 7 } } as StoredObject]);
  expect((await stored('busy')).spec.replicas).toBe(8);
});

test('drift in our field is reverted while externally managed fields are kept', async () => {
  await apply(described('drift', 2, 'a:1'), []);
  await kubectl('scale', 'deployment', 'drift', '--replicas=4');
  await kubectl('set', 'image', 'deployment/drift', 'app=theirs:1');
  const { step } = await apply(described('drift', 4, 'a:1'), [await stored('drift')]);
  expect(step).toMatchObject({ action: 'update', drift: true });
  const { spec } = await stored('drift');
  expect(spec.replicas).toBe(4);
  expect(JSON.stringify(spec.template)).toContain('a:1');
});

test('an object that was replaced by another of the same name is not changed', async () => {
  await apply(described('gone', 2, 'a:1'), []);
  const looked = await stored('gone');
  await kubectl('delete', 'deployment', 'gone');
  await kubectl('create', 'deployment', 'gone', '--image=theirs:1');
  const { taken } = await apply(described('gone', 2, 'a:2'), [looked]);
  expect(taken).toMatchObject({ step: { action: 'conflict' }, written: false });
  expect(JSON.stringify((await stored('gone')).spec.template)).toContain('theirs:1');
});
