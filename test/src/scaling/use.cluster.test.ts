import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Operator, StoredObject } from '../../../operator/index.ts';
import type { AuditMark } from '../../../operator/testkit/index.ts';
import type { ConfigMap, Deployment, HorizontalPodAutoscaler, RestAPI } from '../../../resources/index.ts';
import { BUCKET_MINUTES, LoadHistory } from '../../../src/scaling/predictive/index.ts';
import type { ResizablePod } from '../../../src/scaling/vertical/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { BINARIES_TIMEOUT_MS } from '../../support/prometheus-binaries.ts';
import { PrometheusServer } from '../../support/prometheus-server.ts';
import { loadText, memoryFor, usageCounter, usageText } from './learned-loads.ts';
import { noise } from './noise.ts';

/** Usage is known after a look of metrics-server or two, and an autoscaler looks every 15 s. */
const PATIENCE = { timeoutMs: 120_000 };
const OFF = { enabled: false };
const NAMES = ['model', 'view', 'controller', 'repository'] as const;
/** What its pods use is looked at often, so that a test need not wait. */
const OFTEN = { scaling: { lookEveryMs: 1_000 } };

let world: OperatorCluster;
let operator: Operator;
beforeAll(async () => {
  world = await OperatorCluster.start({ metrics: true, kwokNodes: 2 });
});
afterEach(() => operator.stop());
afterAll(() => world?.[Symbol.asyncDispose]());

const api = async (name: string) => (await world.restapi(name)) as StoredObject<RestAPI>;
const component = async (name: string, of = 'model') =>
  (await api(name)).status?.components?.find((one) => one.name === of);
const condition = async (name: string, type: string) =>
  (await api(name)).status?.conditions?.find((one) => one.type === type);
const labelsOf = (name: string, of: string) => ({ 'restapi.dev/name': name, 'restapi.dev/component': of });
const podsOf = async (name: string, of: string) =>
  (
    await world.list<StoredObject<ResizablePod>>('pods', '-l', `restapi.dev/name=${name},restapi.dev/component=${of}`)
  ).filter(({ metadata }) => !metadata.deletionTimestamp);
const memoryOf = async (name: string, of: string) =>
  (await podsOf(name, of)).map(({ spec }) => spec.containers[0]?.resources?.requests?.memory);
const use = (name: string, of: string, usage: { cpu?: string; memory?: string }) =>
  world.cluster.setUsage({ labels: labelsOf(name, of) }, usage);
const scaledBy = (models: object) => Object.fromEntries(NAMES.map((name) => [name, { ...OFF, ...models }]));
/** Lets the operator believe that it has known of the load for days: it is stopped, its record is changed, and it starts. */
const known = async (name: string, data: Record<string, string>) => {
  await eventually(() => world.get('configmap', `${name}-scaling`), PATIENCE);
  await operator.stop();
  await world.kubectl('patch', 'configmap', `${name}-scaling`, '--type=merge', '-p', JSON.stringify({ data }));
  operator = await world.startOperator(OFTEN);
};

test('only recommended, it is told and nothing else is done', async () => {
  operator = await world.startOperator(OFTEN);
  await use('told', 'model', { cpu: '300m', memory: '100Mi' });
  await world.apply(sample('told', { autoScaling: scaledBy({ vertical: {} }) }));
  await eventually(async () => (await condition('told', 'VerticalScaling'))?.status === 'True', PATIENCE);
  await eventually(async () => (await component('told'))?.recommended?.memory === '122Mi', PATIENCE);
  const record = await world.get<ConfigMap>('configmap', 'told-scaling');
  expect(Object.keys(record?.data ?? {})).toContain('model.usage');
  expect(await memoryOf('told', 'model')).toEqual(['256Mi']);
  await world.untilQuiet();
  await world.kubectl('delete', 'restapi', 'told', '--timeout=90s');
});

test('in place: running pods are resized and stay, new ones follow, and what is refused is told', async () => {
  operator = await world.startOperator(OFTEN);
  await use('grows', 'model', { cpu: '100m', memory: '600Mi' });
  const vertical = { mode: 'InPlace', maxAllowed: { memory: '1Gi' } };
  await world.apply(sample('grows', { replicas: 2, autoScaling: scaledBy({ vertical }) }));
  await world.untilReady('grows', PATIENCE);
  const before = await podsOf('grows', 'model');
  const generation = async () =>
    (await world.get<StoredObject<Deployment>>('deployment', 'grows-model'))?.metadata.generation;
  const was = await generation();
  const learned = usageText({ cpu: 0.1, memory: 600 * 1024 ** 2 }, Date.now());
  const wanted = memoryFor(learned);
  expect(wanted).toBeGreaterThan(600);
  await known('grows', { 'model.usage': learned });
  await eventually(
    async () => (await memoryOf('grows', 'model')).every((memory) => memory === `${wanted}Mi`),
    PATIENCE,
  );
  const after = await podsOf('grows', 'model');
  expect(after.map(({ metadata }) => metadata.uid).sort()).toEqual(before.map(({ metadata }) => metadata.uid).sort());
  // A limit stays as many times as much.
  expect(after[0]?.spec.containers[0]?.resources?.limits?.memory).toBe(`${2 * wanted}Mi`);
  expect(await generation()).toBe(was);
  // Events are written beside the rest.
  await eventually(async () =>
    (await world.kubectl('get', 'events', '-o', 'json')).includes('Resizing 1 pods of model'),
  );
  await world.untilQuiet();
  await world.kubectl('patch', 'restapi', 'grows', '--type=merge', '-p', '{"spec":{"model":{"replicas":3}}}');
  await eventually(
    async () => JSON.stringify(await memoryOf('grows', 'model')) === JSON.stringify(Array(3).fill(`${wanted}Mi`)),
    PATIENCE,
  );

  // A pod is killed for lack of memory: all get as much as they may have.
  const [victim] = await podsOf('grows', 'model');
  const ended = { reason: 'OOMKilled', exitCode: 137, finishedAt: new Date().toISOString() };
  // Without its resources the API server would take its node for one that cannot resize.
  const resources = victim?.spec.containers[0]?.resources;
  const container = {
    name: 'model',
    image: 'shop',
    imageID: '',
    ready: true,
    restartCount: 1,
    started: true,
    resources,
  };
  const status = { containerStatuses: [{ ...container, state: { running: {} }, lastState: { terminated: ended } }] };
  const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
  await world.kubectl('patch', 'pod', `${victim?.metadata.name}`, ...patch);
  await eventually(async () => (await memoryOf('grows', 'model')).every((memory) => memory === '1Gi'), PATIENCE);

  // The next one may not have as much.
  await world.apply({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'small', namespace: 'default' },
    spec: { limits: [{ type: 'Container', max: { memory: '1Gi' } }] },
  });
  await world.kubectl('patch', 'restapi', 'grows', '--type=merge', '-p', '{"spec":{"model":{"replicas":4}}}');
  await eventually(async () => (await condition('grows', 'VerticalScaling'))?.reason === 'ResizeRefused', PATIENCE);
  expect((await condition('grows', 'VerticalScaling'))?.message).toMatch(
    /^model: pod grows-model-\S+ was not resized: .*maximum memory usage per Container is 1Gi/,
  );
  await world.untilQuiet();
  await world.kubectl('delete', 'limitrange', 'small');
});

test('rolling: pods are replaced, a release begins with what was learned, and what is kept is left alone', async () => {
  operator = await world.startOperator(OFTEN);
  await use('rolls', 'view', { cpu: '50m', memory: '200Mi' });
  const vertical = { mode: 'Rolling' };
  const blueGreen = { enabled: true, scaleDownDelaySeconds: 3_600 };
  const spec = { replicas: 2, blueGreen, autoScaling: scaledBy({}) };
  await world.apply(sample('rolls', { ...spec, autoScaling: { ...spec.autoScaling, view: { ...OFF, vertical } } }));
  await world.untilReady('rolls', PATIENCE);
  const learned = usageText({ cpu: 0.05, memory: 200 * 1024 ** 2 }, Date.now());
  const wanted = `${memoryFor(learned)}Mi`;
  await known('rolls', { 'view.usage': learned });
  await eventually(
    async () => JSON.stringify(await memoryOf('rolls', 'view')) === JSON.stringify([wanted, wanted]),
    PATIENCE,
  );
  const requests = async (environment: string) =>
    (await world.get<StoredObject<Deployment>>('deployment', `rolls-view-${environment}`))?.metadata.annotations?.[
      'restapi.dev/requests'
    ];
  expect(JSON.parse((await requests('blue')) ?? '')).toMatchObject({ memory: wanted });
  await world.untilReady('rolls', PATIENCE);
  await world.untilQuiet();

  const mark = await world.cluster.auditMark();
  const release = { spec: { image: 'registry.example.com/shop:2.0.0' } };
  await world.kubectl('patch', 'restapi', 'rolls', '--type=merge', '-p', JSON.stringify(release));
  await eventually(async () => (await api('rolls')).status?.activeEnvironment === 'green', PATIENCE);
  expect(await requests('green')).toBe(await requests('blue'));
  await world.untilReady('rolls', PATIENCE);
  // Green was made as it is to be, and blue is as it was.
  const deployments = (await world.operatorWrites(mark)).filter((write) => write.includes('deployments rolls-view'));
  expect(deployments).toEqual(['patch deployments rolls-view-green']);

  const off = { spec: { autoScaling: { view: { vertical: { mode: 'Off' } } } } };
  await world.kubectl('patch', 'restapi', 'rolls', '--type=merge', '-p', JSON.stringify(off));
  await eventually(async () => (await requests('green')) === undefined, PATIENCE);
  await eventually(async () => (await world.get('configmap', 'rolls-scaling')) === undefined, PATIENCE);
});

test('predictive: minReplicas is raised for what is to come, and is that of the spec when forecasts are wrong', async () => {
  operator = await world.startOperator(OFTEN);
  const model = { minReplicas: 1, maxReplicas: 10, predictive: {} };
  await world.apply(sample('ahead', { autoScaling: { ...scaledBy({}), model } }));
  await eventually(async () => (await condition('ahead', 'PredictiveScaling'))?.reason === 'Learning', PATIENCE);
  const minReplicas = async () =>
    (await world.get<StoredObject<HorizontalPodAutoscaler>>('hpa', 'ahead-model'))?.spec.minReplicas;
  expect(await minReplicas()).toBe(1);
  await known('ahead', { 'model.load': loadText({ low: 0.1, high: 1, now: Date.now() }) });
  // 250m × 70 % and the 10 % that is tolerated: 0.1925 cores each, of 1 and what it varies by.
  await eventually(async () => (await minReplicas()) === 6, PATIENCE);
  await eventually(async () => (await condition('ahead', 'PredictiveScaling'))?.status === 'True', PATIENCE);
  const forecast = (await component('ahead'))?.scaling?.forecast;
  expect(forecast).toMatchObject({ reliable: true, minReplicas: 6 });
  expect(forecast?.errorPercent).toBeLessThan(10);
  await eventually(async () => (await component('ahead'))?.readyReplicas === 6, PATIENCE);
  await world.untilQuiet();

  // As if what was forecast had not come lately.
  const wrong = LoadHistory.empty();
  const now = Date.now();
  for (let at = now - 17 * 86_400_000; at < now; at += BUCKET_MINUTES * 60_000) wrong.add(at, noise(at));
  await known('ahead', { 'model.load': wrong.encode() });
  await eventually(async () => (await minReplicas()) === 1, PATIENCE);
  // The status is patched after the autoscaler.
  const reason = async () => (await condition('ahead', 'PredictiveScaling'))?.reason;
  await eventually(async () => (await reason()) === 'ForecastNotReliable', PATIENCE);
  expect((await condition('ahead', 'PredictiveScaling'))?.status).toBe('False');
});

test(
  'what Prometheus knows of the time before is learned at once',
  async () => {
    const labels = { namespace: 'default', container: 'model', pod: 'known-model-7d4b9c9d5f-abcde' };
    const past = usageCounter(labels, { low: 0.1, high: 1, now: Date.now() });
    const header = '# TYPE container_cpu_usage_seconds counter';
    await using prometheus = await PrometheusServer.start(join(world.cluster.dir, 'prometheus'), {
      past: `${header}\n${past}\n# EOF\n`,
    });
    operator = await world.startOperator({ ...OFTEN, checks: { prometheusUrl: prometheus.url } });
    const model = { minReplicas: 1, maxReplicas: 10, predictive: {} };
    await world.apply(sample('known', { autoScaling: { ...scaledBy({}), model } }));
    await eventually(async () => {
      const hpa = await world.get<StoredObject<HorizontalPodAutoscaler>>('hpa', 'known-model');
      return hpa?.spec.minReplicas === 6;
    }, PATIENCE);
  },
  BINARIES_TIMEOUT_MS,
);

test('with everything on: no write once it is as it should be, and one stream for each kind', async () => {
  operator = await world.startOperator(OFTEN);
  const component = { minReplicas: 1, maxReplicas: 4, vertical: { mode: 'InPlace' }, predictive: {} };
  const spec = {
    blueGreen: { enabled: true, scaleDownDelaySeconds: 0 },
    autoScaling: Object.fromEntries(NAMES.map((name) => [name, component])),
    healthCheck: { startup: {}, healing: { restartComponents: true, rollback: true } },
    observability: { metrics: {}, tracing: { endpoint: 'http://traces.example.com:4318' } },
    view: { expose: { host: 'all.example.com' } },
  };
  await world.apply(sample('all', spec));
  await eventually(async () => (await condition('all', 'VerticalScaling'))?.status === 'True', PATIENCE);
  await eventually(async () => (await condition('all', 'ScalingActive'))?.status === 'True', PATIENCE);
  const writes = async (since: AuditMark) =>
    (await world.operatorWrites(since)).filter((write) => / all(-|$)/.test(write));
  await world.untilNone('write for it', writes);
  let mark = await world.cluster.auditMark();
  await sleep(20_000);
  // Of the others, what is forecast may change as time goes on.
  expect(await writes(mark)).toEqual([]);

  await operator.stop();
  mark = await world.cluster.auditMark();
  operator = await world.startOperator(OFTEN);
  await sleep(5_000);
  const watches = (await world.operatorRequests(mark)).filter(({ verb }) => verb === 'watch');
  // A watch is told of when it begins and when it ends.
  const kinds = [...new Map(watches.map(({ auditID, objectRef }) => [auditID, `${objectRef?.resource}`])).values()];
  expect(kinds.length).toBeGreaterThan(10);
  expect(kinds.filter((kind, at) => kinds.indexOf(kind) !== at)).toEqual([]);
});

test('without metrics it is said so', async () => {
  await world.kubectl('delete', 'apiservice', 'v1beta1.metrics.k8s.io');
  operator = await world.startOperator(OFTEN);
  await eventually(async () => (await condition('ahead', 'PredictiveScaling'))?.reason === 'MetricsMissing', PATIENCE);
  // Another RestAPI is told by a run of its own.
  await eventually(
    async () => (await condition('grows', 'VerticalScaling'))?.message.includes('is metrics-server installed?'),
    PATIENCE,
  );
});
