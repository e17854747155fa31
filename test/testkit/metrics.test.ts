import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../operator/testkit/index.ts';
import { eventually } from '../operator/world.ts';

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

test('an autoscaler follows what pods are said to use, up and down', async () => {
  await kubectl(['create', 'deployment', 'web', '--image=web:1', '--replicas=2']);
  await kubectl(['set', 'resources', 'deployment', 'web', '--requests=cpu=100m']);
  await kubectl(['apply', '-f', '-'], JSON.stringify(AUTOSCALER));
  await kubectl(['rollout', 'status', 'deployment', 'web', '--timeout=30s']);
  const use = (cpu: string) =>
    kubectl(['annotate', 'pods', '-l', 'app=web', `kwok.x-k8s.io/usage-cpu=${cpu}`, '--overwrite']);
  await use('100m');
  // Two pods at 100 % of what they request: twice as many as fit 50 %.
  await eventually(async () => (await replicas()) === 4, { timeoutMs: 60_000 });
  expect(await kubectl(['top', 'pods', '--no-headers'])).toContain('100m');
  await use('1m');
  await eventually(async () => (await replicas()) === 1, { timeoutMs: 60_000 });
}, 150_000);
