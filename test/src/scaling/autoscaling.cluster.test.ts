import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { AuditMark } from '../../../operator/testkit/index.ts';
import type { Deployment, HorizontalPodAutoscaler, RestAPI } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

/** Only the model is scaled, so that a test sees whose doing a change is. */
const OFF = { enabled: false };
const MODEL_ONLY = { view: OFF, controller: OFF, repository: OFF };
/** Usage is known after a look of metrics-server or two, and an autoscaler looks every 15 s. */
const PATIENCE = { timeoutMs: 120_000 };

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start({ metrics: true });
  await world.startOperator();
  const model = { minReplicas: 2, maxReplicas: 6, targetCPUUtilizationPercentage: 50 };
  await world.apply(sample('shop', { replicas: 2, autoScaling: { model, ...MODEL_ONLY } }));
  await world.untilReady('shop', PATIENCE);
});
afterAll(() => world?.[Symbol.asyncDispose]());

const api = async () => (await world.restapi('shop')) as StoredObject<RestAPI>;
const status = async () => (await api()).status ?? {};
const model = async () => (await status()).components?.find(({ name }) => name === 'model');
const condition = async (type: string) => (await status()).conditions?.find((one) => one.type === type);
const deployment = async (name = 'shop-model') =>
  (await world.get<StoredObject<Deployment>>('deployment', name)) as StoredObject<Deployment>;
const replicas = async () => (await deployment()).spec.replicas;
const patch = (spec: object) =>
  world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify({ spec }));
/** What each of the model's pods uses from now on; those that are added use next to nothing. */
const use = (cpu: string) =>
  world.kubectl(
    'annotate',
    'pods',
    '-l',
    'restapi.dev/name=shop,restapi.dev/component=model',
    `kwok.x-k8s.io/usage-cpu=${cpu}`,
    '--overwrite',
  );
const writesOfDeployments = async (mark: AuditMark) =>
  (await world.operatorWrites(mark)).filter((write) => write.includes('deployments'));

test('scales with the load up to maxReplicas, and reports it', async () => {
  const mark = await world.cluster.auditMark();
  // 250m is what the model requests: at twice the target on both pods, four are needed.
  await use('250m');
  await eventually(async () => (await replicas()) === 4, PATIENCE);
  await eventually(async () => {
    const { readyReplicas, scaling } = (await model()) ?? {};
    const [cpu] = scaling?.metrics ?? [];
    return readyReplicas === 4 && cpu?.current === '50%' && cpu.target === '50%';
  }, PATIENCE);
  expect(await model()).toMatchObject({ replicas: 4, scaling: { minReplicas: 2, maxReplicas: 6 } });
  expect(await condition('ScalingActive')).toMatchObject({ status: 'True', reason: 'LoadKnown' });
  expect(await condition('ScalingLimited')).toMatchObject({ status: 'False' });
  await use('500m');
  await eventually(async () => (await condition('ScalingLimited'))?.status === 'True', PATIENCE);
  expect(await replicas()).toBe(6);
  expect((await condition('ScalingLimited'))?.message).toContain('spec.autoScaling.model.maxReplicas (6)');
  // Nobody but the autoscaler wrote the Deployment, and it was ready all the time.
  expect(await writesOfDeployments(mark)).toEqual([]);
  expect((await status()).phase).toBe('Ready');
  await world.untilQuiet();
});

test('a new version is rolled out with as many pods as the load needs', async () => {
  await patch({ model: { image: 'registry.example.com/model:2' } });
  await eventually(async () => {
    const { spec, metadata, status: found = {} } = await deployment();
    const taken = found.observedGeneration === metadata.generation;
    return taken && JSON.stringify(spec.template).includes('registry.example.com/model:2');
  }, PATIENCE);
  expect(await replicas()).toBe(6);
  await world.untilReady('shop', PATIENCE);
  expect(await replicas()).toBeGreaterThanOrEqual(2);
});

test('switching it off and on again changes no number of pods, and replicas counts as soon as it changes', async () => {
  await use('250m');
  await eventually(
    async () => (await replicas()) >= 4 && (await model())?.readyReplicas === (await replicas()),
    PATIENCE,
  );
  await patch({ autoScaling: { enabled: false } });
  await eventually(async () => (await world.get('hpa', 'shop-model')) === undefined, PATIENCE);
  const left = await replicas();
  expect(left).toBeGreaterThanOrEqual(4);
  await eventually(async () => (await status()).observedGeneration === (await api()).metadata.generation);
  await world.untilQuiet();
  expect(await replicas()).toBe(left);
  expect(await condition('ScalingActive')).toBeUndefined();

  await patch({ autoScaling: { enabled: true } });
  const autoscaler = await eventually(
    () => world.get<StoredObject<HorizontalPodAutoscaler>>('hpa', 'shop-model'),
    PATIENCE,
  );
  expect(autoscaler.spec.scaleTargetRef.name).toBe('shop-model');
  expect(await replicas()).toBe(left);
  await patch({ autoScaling: { enabled: false } });
  await eventually(async () => (await world.get('hpa', 'shop-model')) === undefined, PATIENCE);
  await patch({ model: { replicas: 3 } });
  await eventually(async () => (await replicas()) === 3, PATIENCE);
  await eventually(async () => (await deployment()).metadata.annotations?.['restapi.dev/asked-replicas'] === undefined);
});

test('stopped by replicas: 0, and started again', async () => {
  await patch({ model: { replicas: 0 }, autoScaling: { enabled: true } });
  await eventually(async () => (await replicas()) === 0, PATIENCE);
  expect(await world.get('hpa', 'shop-model')).toBeUndefined();
  await patch({ model: { replicas: 3 } });
  await eventually(async () => (await replicas()) === 3, PATIENCE);
  await eventually(() => world.get('hpa', 'shop-model'), PATIENCE);
});

test('pods that request no CPU cannot be scaled by it, and that is said', async () => {
  await patch({ model: { resources: { requests: null, limits: null } } });
  const said = await eventually(async () => {
    const found = await condition('ScalingActive');
    return found?.reason === 'MissingRequests' ? found : undefined;
  }, PATIENCE);
  expect(said.message).toContain('set spec.model.resources.requests.cpu');
  // It serves nevertheless.
  expect((await status()).phase).toBe('Ready');
});
