import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment, PodMonitor } from '../../resources/index.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator({ informerTimings: { unservedRetryMs: 300 } });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const generation = async () => (await world.get<Deployment>('deployment', 'shop-model'))?.metadata?.generation;

test('in a cluster without the Prometheus Operator nothing is missed: pods are annotated', async () => {
  await world.apply(sample('shop', { observability: { metrics: { interval: '30s' } } }));
  await world.untilReady('shop');
  const model = await world.get<Deployment>('deployment', 'shop-model');
  expect(model?.spec.template.metadata.annotations).toMatchObject({
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': '8080',
    'prometheus.io/path': '/metrics',
  });
  await world.untilQuiet();
});

test('installed later, there is a monitor of all components, at no other write; it is put back, and changed without a release', async () => {
  const before = await generation();
  const mark = await world.cluster.auditMark();
  await world.installPodMonitors();
  const monitor = await eventually(() => world.get<PodMonitor>('podmonitor', 'shop'));
  expect(monitor.spec).toEqual({
    selector: { matchLabels: { 'restapi.dev/name': 'shop' } },
    podTargetLabels: ['restapi.dev/name', 'restapi.dev/component', 'restapi.dev/environment'],
    podMetricsEndpoints: ['model', 'view', 'controller', 'repository'].map((port) => ({
      port,
      path: '/metrics',
      interval: '30s',
    })),
  });
  await world.untilReady('shop');
  expect(await world.operatorWrites(mark)).toEqual(['patch podmonitors shop']);
  await world.kubectl('delete', 'podmonitor', 'shop');
  await eventually(() => world.get('podmonitor', 'shop'));
  const interval = { spec: { observability: { metrics: { interval: '5s' } } } };
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', JSON.stringify(interval));
  await eventually(
    async () => (await world.get<PodMonitor>('podmonitor', 'shop'))?.spec.podMetricsEndpoints[0]?.interval === '5s',
  );
  expect(await generation()).toBe(before);
});

test('taken away again, nothing is missed either', async () => {
  await world.uninstallPodMonitors();
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"replicas":2}}');
  await eventually(async () => (await world.restapi('shop'))?.status?.readyReplicas === 8);
  await world.untilReady('shop');
  await world.kubectl('delete', 'restapi', 'shop', '--timeout=90s');
});
