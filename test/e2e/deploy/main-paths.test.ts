import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { RestAPI } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { GENERATED_KINDS, OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { type Replica, runDeployment } from './deployed-operator.ts';
import { APPS, overlay, writeNamespacedOverlay } from './overlays.ts';

const OVERLAYS = [
  { name: 'dev', replicas: 1, namespace: 'default' },
  { name: 'staging', replicas: 1, namespace: 'default' },
  { name: 'prod', replicas: 2, namespace: 'default' },
  { name: 'dev with components/namespaced', replicas: 1, namespace: APPS },
] as const;

interface Deployment extends StoredObject {
  spec: { replicas: number; template: { spec: { containers: { image: string }[] } } };
}

async function leaseHolder(world: OperatorCluster): Promise<string | undefined> {
  const lease = await world.get<{ spec: { holderIdentity?: string } }>('lease', 'restapi-operator', 'restapi-system');
  return lease?.spec.holderIdentity;
}

// The whole path from `kubectl apply -k`, with the operator run as the overlay's Deployment specifies.
describe.each(OVERLAYS)('after kubectl apply -k of $name, the operator', ({ name, replicas, namespace }) => {
  let folder: string;
  let world: OperatorCluster;
  let running: Replica[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'main-paths-'));
    const namespaced = name === 'dev with components/namespaced';
    const kustomization = namespaced ? await writeNamespacedOverlay(join(folder, 'overlay')) : overlay(name);
    world = await OperatorCluster.start({ kustomization });
    running = await runDeployment(world);
    await apply('shop', {});
    await ready('shop');
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  function apply(app: string, spec: object): Promise<string> {
    return world.apply({ ...sample(app, spec), metadata: { name: app, namespace } });
  }

  function patch(target: string, change: object): Promise<string> {
    return world.kubectl('patch', target, '-n', namespace, '--type=merge', '-p', JSON.stringify(change));
  }

  async function ready(app: string): Promise<void> {
    await eventually(
      async () => {
        const { metadata, status } = (await world.restapi(app, namespace)) as StoredObject<RestAPI>;
        return status?.phase === 'Ready' && status.observedGeneration === metadata.generation;
      },
      { what: `${app} is Ready` },
    );
  }

  async function children(app: string): Promise<string[]> {
    const objects = await world.list(GENERATED_KINDS, '-n', namespace, '-l', `restapi.dev/name=${app}`);
    return objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  }

  test(`runs in ${replicas} replicas and passes its probes`, async () => {
    expect(running).toHaveLength(replicas);
    for (const { probe } of running) {
      expect(await probe('livenessProbe')).toBe(200);
      expect(await probe('readinessProbe')).toBe(200);
    }
  });

  test('creates all objects of a RestAPI', async () => {
    expect(await children('shop')).toEqual([
      'ConfigMap shop-env',
      ...['controller', 'model', 'repository', 'view'].map((component) => `Deployment shop-${component}`),
      ...['controller', 'model', 'repository', 'view'].map((component) => `NetworkPolicy shop-${component}`),
      'Service shop',
      ...['controller', 'model', 'repository', 'view'].map((component) => `Service shop-${component}`),
      'ServiceAccount shop-app',
    ]);
  });

  test('rolls out a new image', async () => {
    const image = 'registry.example.com/shop:2.0.0';
    await patch('restapi/shop', { spec: { image } });
    await ready('shop');
    for (const { metadata, spec } of await world.list<Deployment>('deployments', '-n', namespace)) {
      expect([metadata.name, spec.template.spec.containers[0]?.image]).toEqual([metadata.name, image]);
    }
    const pods = await world.list<StoredObject & { spec: { containers: { image: string }[] } }>(
      'pods',
      '-n',
      namespace,
    );
    const staying = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
    expect(staying.map(({ spec }) => spec.containers[0]?.image)).toEqual(Array(4).fill(image));
  });

  test('recreates a deleted child', async () => {
    const before = await world.get('service', 'shop-view', namespace);
    await world.kubectl('delete', 'service', 'shop-view', '-n', namespace);
    const after = await eventually<StoredObject>(() => world.get('service', 'shop-view', namespace));
    expect(after.metadata.uid).not.toBe(before?.metadata.uid);
    await ready('shop');
  });

  test('reverts a changed field', async () => {
    await patch('deployment/shop-model', { spec: { replicas: 5 } });
    await eventually(
      async () => (await world.get<Deployment>('deployment', 'shop-model', namespace))?.spec.replicas === 1,
    );
    await ready('shop');
  });

  test('never sees an invalid change, because the API server refuses it', async () => {
    await expect(patch('restapi/shop', { spec: { replicas: -1 } })).rejects.toThrow('spec.replicas');
    await ready('shop');
  });

  test('removes a disabled component and recreates it when enabled', async () => {
    const all = await children('shop');
    await patch('restapi/shop', { spec: { repository: { enabled: false } } });
    await ready('shop');
    const gone = ['Deployment shop-repository', 'NetworkPolicy shop-repository', 'Service shop-repository'];
    const left = all.filter((child) => !gone.includes(child));
    await eventually(async () => (await children('shop')).length === left.length, { what: `only ${left.join()}` });
    expect(await children('shop')).toEqual(left);
    await patch('restapi/shop', { spec: { repository: { enabled: true } } });
    await ready('shop');
    expect(await children('shop')).toEqual(all);
  });

  test('exposes the view and stops exposing it', async () => {
    await patch('restapi/shop', { spec: { view: { expose: { host: 'shop.example.com' } } } });
    await ready('shop');
    expect(await world.get('ingress', 'shop-view', namespace)).toMatchObject({
      spec: { rules: [{ host: 'shop.example.com' }] },
    });
    await patch('restapi/shop', { spec: { view: { expose: null } } });
    await ready('shop');
    expect(await world.get('ingress', 'shop-view', namespace)).toBeUndefined();
  });

  if (namespace === APPS) {
    test('ignores a RestAPI of another namespace', async () => {
      await world.apply(sample('elsewhere'));
      // This one is created later and ready, so the first one would have objects by now.
      await apply('later', {});
      await ready('later');
      const other = await world.restapi('elsewhere', 'default');
      expect(other?.metadata.finalizers).toBeUndefined();
      expect(other?.status).toBeUndefined();
      expect(await world.generated('elsewhere')).toEqual([]);
      await world.kubectl('delete', 'restapi', 'later', '-n', namespace, '--timeout=90s');
    });
  }

  if (replicas > 1) {
    test('hands over to the standby on SIGTERM in the middle of a reconcile', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);
      // No node has this label yet, so the work cannot finish before the handover.
      const view = { nodeSelector: { 'hand-over': 'done' } };
      const mark = await world.cluster.auditMark();
      await world.apply(...names.map((app) => sample(app, { view })));
      await eventually(async () => (await world.operatorWrites(mark)).length > 30, { everyMs: 5, what: '30 writes' });
      const [first, second] = running;
      const before = await leaseHolder(world);
      expect(await first?.process.end('SIGTERM')).toBe(0);
      // The Lease was released; it did not expire.
      expect(await leaseHolder(world)).not.toBe(before);
      await second?.process.says('Started leading');
      const waiting = await world.list<StoredObject<RestAPI>>('restapis', '--field-selector=metadata.name!=shop');
      expect(waiting).toHaveLength(names.length);
      expect(waiting.filter(({ status }) => status?.phase === 'Ready')).toEqual([]);
      await world.kubectl('label', 'node', 'node-0', 'hand-over=done');
      for (const app of names) await ready(app);
      // Everything was created, and nothing twice. A create whose handler was cut off has an answer of another code, or none.
      for (const app of names) expect(await children(app), app).toHaveLength(15);
      const made = (await world.operatorRequests(mark))
        .filter(({ verb, responseStatus }) => verb === 'patch' && responseStatus?.code === 201)
        .map(({ objectRef }) => `${objectRef?.resource} ${objectRef?.name}`);
      expect(made.length).toBeGreaterThan(14 * names.length);
      expect(new Set(made).size).toBe(made.length);
      await world.kubectl('delete', 'restapis', ...names, '--timeout=60s');
    });
  }

  test('leaves no object of a deleted RestAPI', async () => {
    await world.kubectl('delete', 'restapi', 'shop', '-n', namespace, '--timeout=90s');
    expect(await children('shop')).toEqual([]);
  });

  test('had no request refused', async () => {
    const requests = await world.operatorRequests();
    expect(requests.length).toBeGreaterThan(50);
    expect(requests.filter(({ responseStatus }) => [401, 403].includes(responseStatus?.code ?? 0))).toEqual([]);
    const { process } = running.at(-1) as Replica;
    expect(await process.end('SIGTERM')).toBe(0);
  });
});
