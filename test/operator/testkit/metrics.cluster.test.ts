import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';

const AUTOSCALER = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 6,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  },
};

/** Usage is known after a look of metrics-server or two, and an autoscaler looks every 15 s. */
const PATIENCE = { timeoutMs: 120_000 };
const MiB = 1024 ** 2;
const WEB = { labels: { app: 'web' } };

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane({ metrics: true });
});
afterAll(() => cluster?.stop());

const kubectl = async (args: string[], input?: string) => {
  const { exitCode, stdout, stderr } = await cluster.kubectl(args, { input });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
};
const replicas = async () => Number(await kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas}']));
const annotate = (pods: string, annotation: string) =>
  kubectl(['annotate', 'pods', pods, `kwok.x-k8s.io/${annotation}`, '--overwrite']);

// At the same time, as most of it is waiting for metrics-server, which looks every 10 s.
test.concurrent('metrics-server reports the usage that was set by label, for future pods too, and by annotation', async ({
  expect,
}) => {
  await kubectl(['create', 'deployment', 'other', '--image=other:1', '--replicas=1']);
  await kubectl(['create', 'deployment', 'db', '--image=db:1', '--replicas=1']);
  const db = { labels: { app: 'db' } };
  await cluster.setUsage(db, { cpu: '1500m', memory: '3Gi' });
  const [first] = await cluster.waitForUsage(db, { cpu: '1500m', memory: '3Gi' });
  expect(first?.memory).toBe(3 * 1024 ** 3);
  // Of the others nothing was said.
  await cluster.waitForUsage({ labels: { app: 'other' } }, { cpu: '1m', memory: '1Mi' });
  await kubectl(['scale', 'deployment', 'db', '--replicas=2']);
  await annotate(`${first?.pod}`, 'usage-memory=99Mi');
  await cluster.setUsage(db, { cpu: '700m', memory: '64Mi' });
  await cluster.waitForUsage(db, { cpu: '700m' });
  const memory = async () => (await cluster.usageOf(db)).map(({ pod, memory }) => [pod === first?.pod, memory / MiB]);
  expect(new Set(await memory())).toEqual(
    new Set([
      [true, 99],
      [false, 64],
    ]),
  );
  expect(await kubectl(['top', 'pods', '-l', 'app=db', '--no-headers'])).toMatch(/\b7\d\dm|\b6\d\dm/);
});

test.concurrent('an autoscaler follows the set usage up and down', async ({ expect }) => {
  await kubectl(['create', 'deployment', 'web', '--image=web:1', '--replicas=2']);
  await kubectl(['set', 'resources', 'deployment', 'web', '--requests=cpu=100m']);
  await kubectl(['rollout', 'status', 'deployment', 'web', '--timeout=90s']);
  // Two pods at 150 % of what they request: three times as many as fit 50 %.
  await cluster.setUsage(WEB, { cpu: '150m' });
  await kubectl(['apply', '-f', '-'], JSON.stringify(AUTOSCALER));
  await eventually(async () => (await replicas()) === 6, PATIENCE);
  // The new ones use as much.
  await eventually(async () => (await cluster.waitForUsage(WEB, { cpu: '150m' })).length === 6, PATIENCE);
  expect(await replicas()).toBe(6);
  await cluster.setUsage(WEB, { cpu: '1m' });
  await eventually(async () => (await replicas()) === 1, PATIENCE);
});

test('a cluster without metrics or nodes rejects setting usage', async () => {
  await expect(startControlPlane({ metrics: true, kwokNodes: 0 })).rejects.toThrow('kwokNodes');
  await using plain = await startControlPlane({ kwokNodes: 0, controllerManager: false, scheduler: false });
  expect(() => plain.setUsage(WEB, { cpu: '1m' })).toThrow('metrics: true');
});
