import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pluralOf, type StoredObject } from '../../operator/index.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

describe('a RestAPI', () => {
  beforeAll(async () => {
    await world.apply(
      sample('shop', {
        replicas: 2,
        view: { env: [{ name: 'THEME', value: 'light' }], port: 3001 },
        controller: { replicas: 3, resources: { requests: { cpu: '1000m' } } },
      }),
    );
    await world.untilReady('shop');
  });

  test('becomes four running components', async () => {
    const deployments = await world.list('deployments', '-l', 'restapi.dev/name=shop');
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual([
      'shop-controller',
      'shop-model',
      'shop-repository',
      'shop-view',
    ]);
    const services = await world.list('services', '-l', 'restapi.dev/name=shop');
    expect(services.map(({ metadata }) => metadata.name)).toEqual([
      'shop',
      'shop-controller',
      'shop-model',
      'shop-repository',
      'shop-view',
    ]);

    const api = await world.restapi('shop');
    expect(api?.metadata.finalizers).toEqual(['restapi.dev/finalizer']);
    expect(api?.status).toMatchObject({
      phase: 'Ready',
      replicas: 9,
      readyReplicas: 9,
      observedGeneration: api?.metadata.generation,
      conditions: [{ type: 'Ready', status: 'True', reason: 'AllReady', observedGeneration: 1 }],
    });
  });

  test('owns every child and describes it right', async () => {
    const api = await world.restapi('shop');
    const children = await world.generated('shop');
    expect(children).toHaveLength(19);
    for (const { metadata } of children) {
      expect(metadata.ownerReferences).toEqual([
        { apiVersion: 'restapi.dev/v1alpha1', kind: 'RestAPI', name: 'shop', uid: api?.metadata.uid, controller: true },
      ]);
    }
    expect(await world.get('configmap', 'shop-env')).toMatchObject({ data: { LOG_LEVEL: 'info' } });
    expect(await world.get('service', 'shop-view')).toMatchObject({
      spec: {
        ports: [{ port: 3001, targetPort: 'view' }],
        selector: { 'restapi.dev/name': 'shop', 'restapi.dev/component': 'view', 'restapi.dev/environment': 'main' },
      },
    });
    expect(await world.get('service', 'shop')).toMatchObject({
      metadata: { annotations: { 'restapi.dev/active-environment': 'main' } },
      spec: {
        ports: [{ name: 'view', port: 3001, targetPort: 'view' }],
        selector: { 'restapi.dev/name': 'shop', 'restapi.dev/component': 'view', 'restapi.dev/environment': 'main' },
      },
    });
    expect(await world.get('deployment', 'shop-view')).toMatchObject({
      spec: {
        replicas: 2,
        template: {
          spec: {
            containers: [
              {
                image: 'registry.example.com/shop:1.0.0',
                ports: [{ name: 'view', containerPort: 3001 }],
                envFrom: [{ configMapRef: { name: 'shop-env' } }],
                env: [
                  { name: 'COMPONENT', value: 'view' },
                  { name: 'PORT', value: '3001' },
                  { name: 'MODEL_URL', value: 'http://shop-model:8080' },
                  { name: 'VIEW_URL', value: 'http://shop-view:3001' },
                  { name: 'CONTROLLER_URL', value: 'http://shop-controller:8081' },
                  { name: 'REPOSITORY_URL', value: 'http://shop-repository:8082' },
                  { name: 'THEME', value: 'light' },
                ],
                livenessProbe: { httpGet: { path: '/health', port: 'view' } },
                readinessProbe: { httpGet: { path: '/health', port: 'view' } },
              },
            ],
          },
        },
      },
    });
  });

  test('has endpoints for every Service', async () => {
    // Each pod is behind the Service of its component, and those of the view behind the one in front of all: a moment after
    // it is ready.
    await eventually(async () => {
      const slices = await world.list<StoredObject & { endpoints: object[] | null; ports: object[] | null }>(
        'endpointslices',
        '-l',
        'restapi.dev/name=shop',
      );
      expect(slices.map(({ endpoints }) => endpoints?.length ?? 0).sort()).toEqual([2, 2, 2, 2, 3]);
      expect(slices.every(({ ports }) => ports?.length === 1)).toBe(true);
      return true;
    });
  });

  test.each([
    ['configmap', 'shop-env'],
    ['serviceaccount', 'shop-app'],
    ['networkpolicy', 'shop-repository'],
    ['poddisruptionbudget', 'shop-model'],
    ['service', 'shop'],
    ['service', 'shop-model'],
    ['service', 'shop-view'],
    ['service', 'shop-controller'],
    ['service', 'shop-repository'],
    ['deployment', 'shop-model'],
    ['deployment', 'shop-view'],
    ['deployment', 'shop-controller'],
    ['deployment', 'shop-repository'],
  ])('gets back a deleted %s %s by one write', async (kind, name) => {
    const before = await world.get(kind, name);
    const mark = await world.cluster.auditMark();
    await world.kubectl('delete', kind, name);
    await eventually(async () => {
      const now = await world.get(kind, name);
      return now && now.metadata.uid !== before?.metadata.uid;
    });
    await world.untilReady('shop');
    await sleep(500);
    // A write that met a newer version of the object was refused, and changed nothing.
    expect((await world.operatorWrites(mark, true)).filter((write) => !write.includes('restapis/status'))).toEqual([
      `patch ${pluralOf(kind)} ${name}`,
    ]);
  });

  test.each<[string, string, object, (object: never) => unknown, unknown]>([
    ['deployment', 'shop-model', { spec: { replicas: 7 } }, (o: { spec: { replicas: number } }) => o.spec.replicas, 2],
    [
      'deployment',
      'shop-view',
      { metadata: { labels: { 'app.kubernetes.io/name': 'x' } } },
      (o: StoredObject) => o.metadata.labels?.['app.kubernetes.io/name'],
      'restapi',
    ],
    [
      'service',
      'shop-model',
      { spec: { selector: { 'restapi.dev/component': 'view' } } },
      (o: { spec: { selector: Record<string, string> } }) => o.spec.selector['restapi.dev/component'],
      'model',
    ],
    [
      'service',
      'shop',
      { spec: { selector: { 'restapi.dev/environment': 'green' } } },
      (o: { spec: { selector: Record<string, string> } }) => o.spec.selector['restapi.dev/environment'],
      'main',
    ],
    [
      'service',
      'shop-view',
      { spec: { selector: { extra: 'x' } } },
      (o: { spec: { selector: Record<string, string> } }) => o.spec.selector.extra,
      undefined,
    ],
    [
      'configmap',
      'shop-env',
      { data: { LOG_LEVEL: 'debug' } },
      (o: { data: Record<string, string> }) => o.data.LOG_LEVEL,
      'info',
    ],
    [
      'configmap',
      'shop-env',
      { metadata: { ownerReferences: null } },
      (o: StoredObject) => o.metadata.ownerReferences?.[0]?.name,
      'shop',
    ],
  ])('puts back a changed field of %s %s by one write', async (kind, name, patch, read, value) => {
    const mark = await world.cluster.auditMark();
    await world.kubectl('patch', kind, name, '--type=merge', '-p', JSON.stringify(patch));
    await eventually(async () => {
      const writes = await world.operatorWrites(mark);
      return writes.length > 0 && read((await world.get(kind, name)) as never) === value;
    });
    await world.untilReady('shop');
    await sleep(500);
    // A write that met a newer version of the object was refused, and changed nothing.
    expect((await world.operatorWrites(mark, true)).filter((write) => !write.includes('restapis/status'))).toEqual([
      `patch ${pluralOf(kind)} ${name}`,
    ]);
    // Events are written beside the rest.
    await eventually(async () => {
      const events = await world.list<{ reason: string; note: string }>('events.events.k8s.io');
      return events.some(({ reason, note }) => reason === 'Repaired' && note.includes(name));
    });
  });

  test('gets the managed-by label back, though that takes the object out of sight', async () => {
    await world.kubectl('label', 'configmap', 'shop-env', 'app.kubernetes.io/managed-by-');
    await eventually(
      async () => (await world.get('configmap', 'shop-env'))?.metadata.labels?.['app.kubernetes.io/managed-by'],
    );
  });

  test('leaves the labels, annotations and fields of others alone', async () => {
    const mark = await world.cluster.auditMark();
    await world.kubectl('label', 'deployment', 'shop-model', 'team=blue');
    await world.kubectl('annotate', 'service', 'shop-model', 'note=theirs');
    await world.kubectl('patch', 'configmap', 'shop-env', '--type=merge', '-p', '{"data":{"THEIRS":"yes"}}');
    await world.kubectl('patch', 'deployment', 'shop-model', '--type=merge', '-p', '{"spec":{"minReadySeconds":1}}');
    await sleep(1_000);
    expect((await world.operatorWrites(mark)).filter((write) => !write.includes('restapis/status'))).toEqual([]);
    // They survive a change of ours, too.
    await world.kubectl(
      'patch',
      'restapi',
      'shop',
      '--type=merge',
      '-p',
      '{"spec":{"image":"registry.example.com/shop:1.0.1","envVars":{"NEW":"1"}}}',
    );
    await eventually(async () => JSON.stringify(await world.get('deployment', 'shop-model')).includes('shop:1.0.1'));
    await world.untilReady('shop');
    expect(await world.get('deployment', 'shop-model')).toMatchObject({
      metadata: { labels: { team: 'blue' } },
      spec: { minReadySeconds: 1 },
    });
    expect(await world.get('service', 'shop-model')).toMatchObject({ metadata: { annotations: { note: 'theirs' } } });
    expect(await world.get('configmap', 'shop-env')).toMatchObject({
      data: { THEIRS: 'yes', NEW: '1', LOG_LEVEL: 'info' },
    });
  });

  test('a variable taken out of envVars goes from the ConfigMap, and the pods are replaced', async () => {
    const hash = async () =>
      /"restapi.dev\/env-hash":"(\w+)"/.exec(JSON.stringify(await world.get('deployment', 'shop-view')))?.[1];
    const before = await hash();
    await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"envVars":{"NEW":null}}}');
    await eventually(async () => !JSON.stringify(await world.get('configmap', 'shop-env')).includes('"NEW"'));
    await eventually(async () => (await hash()) !== before);
    await world.untilReady('shop');
  });

  test('a disabled component goes, an enabled one comes', async () => {
    await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"view":{"enabled":false}}}');
    await eventually(
      async () => !(await world.get('deployment', 'shop-view')) && !(await world.get('service', 'shop-view')),
    );
    await world.untilReady('shop');
    expect(await world.get('deployment', 'shop-model')).toBeDefined();
    expect((await world.restapi('shop'))?.status?.components).toHaveLength(3);
    await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"view":{"enabled":true}}}');
    await eventually(async () => (await world.restapi('shop'))?.status?.components?.length === 4);
    await world.untilReady('shop');
    expect(await world.get('service', 'shop-view')).toBeDefined();
  });

  test('keeps names such as __proto__ and constructor in envVars', async () => {
    const object = sample('odd') as { spec: object };
    const text = JSON.stringify(object).replace('"LOG_LEVEL"', '"__proto__":"a","constructor":"b","LOG_LEVEL"');
    const { exitCode, stderr } = await world.cluster.kubectl(['create', '-f', '-'], { input: text });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    await world.untilReady('odd');
    const data = await world.kubectl('get', 'configmap', 'odd-env', '-o', 'jsonpath={.data}');
    expect(data).toContain('"__proto__":"a"');
    expect(data).toContain('"constructor":"b"');
    await world.untilQuiet();
    const mark = await world.cluster.auditMark();
    await world.kubectl('annotate', 'restapi', 'odd', 'look=again');
    await sleep(500);
    expect(await world.operatorWrites(mark)).toEqual([]);
  });

  test('goes with all that was generated, and only that', async () => {
    await world.kubectl('create', 'configmap', 'shop-other', '--from-literal=a=b');
    await world.kubectl('delete', 'restapi', 'shop', '--timeout=90s');
    expect(await world.generated('shop')).toEqual([]);
    expect(await world.get('configmap', 'shop-other')).toBeDefined();
    expect(await world.restapi('odd')).toBeDefined();
  });

  test('deleted and made anew at once, gets children of its own', async () => {
    await world.apply(sample('phoenix'));
    await world.untilReady('phoenix');
    const first = await world.restapi('phoenix');
    await world.kubectl('delete', 'restapi', 'phoenix');
    await world.apply(sample('phoenix'));
    await world.untilReady('phoenix');
    const second = await world.restapi('phoenix');
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
    const children = await world.generated('phoenix');
    expect(children).toHaveLength(15);
    for (const { metadata } of children) expect(metadata.ownerReferences?.[0]?.uid).toBe(second?.metadata.uid);
  });
});

test('no value of a variable gets into the log, an Event or a status', async () => {
  const marker = 'hunter2-is-not-to-be-seen';
  await world.apply(sample('discreet', { envVars: { PASSWORD: marker } }));
  await world.untilReady('discreet');
  await world.kubectl('patch', 'configmap', 'discreet-env', '--type=merge', '-p', '{"data":{"PASSWORD":"changed"}}');
  await eventually(async () => JSON.stringify(await world.get('configmap', 'discreet-env')).includes(marker));
  const log = await readFile(join(world.cluster.dir, 'operator.log'), 'utf8');
  expect(log).toContain('Reverted drift');
  expect(log).not.toContain(marker);
  expect(await world.kubectl('get', 'events', '-o', 'json')).not.toContain(marker);
  expect(JSON.stringify((await world.restapi('discreet'))?.status)).not.toContain(marker);
});

test('the operator asked for nothing its ClusterRole does not grant', async () => {
  const refused = (await world.operatorRequests()).filter(({ responseStatus }) =>
    [401, 403].includes(responseStatus?.code ?? 0),
  );
  expect(refused).toEqual([]);
});
