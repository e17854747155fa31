import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../operator/testkit/index.ts';
import { eventually } from '../operator/world.ts';
import { overlay, writeNamespacedOverlay, writeOverlayWith } from './overlays.ts';

let cluster: ControlPlane;
beforeAll(async () => {
  cluster = await startControlPlane();
});
afterAll(() => cluster?.stop());

async function kubectl(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return { stdout, stderr };
}

/** Where the Service of the metrics leads. */
async function metricsEndpoints() {
  const { stdout } = await kubectl(
    'get',
    'endpointslices',
    '-n',
    'restapi-system',
    '-l',
    'kubernetes.io/service-name=restapi-operator-metrics',
    '-o',
    'json',
  );
  const [slice] = JSON.parse(stdout).items as { ports?: { name: string; port: number }[]; endpoints?: object[] }[];
  return slice ?? {};
}

// What the containers do is played here; that the API server takes all objects, and Pod Security `restricted` the pods, is real.
test.each([
  ['dev', 1],
  ['staging', 1],
  ['prod', 2],
] as const)('kubectl apply -k kustomize/overlays/%s works, and its %i pods are let in', async (name, replicas) => {
  const { stderr } = await kubectl('apply', '-k', overlay(name));
  expect(stderr).toBe('');
  await kubectl('rollout', 'status', 'deployment/restapi-operator', '-n', 'restapi-system', '--timeout=30s');
  const { stdout } = await kubectl('get', 'deployment', 'restapi-operator', '-n', 'restapi-system', '-o', 'json');
  expect(JSON.parse(stdout).status).toMatchObject({ availableReplicas: replicas });
  await eventually(
    async () => {
      const { ports, endpoints } = await metricsEndpoints();
      return ports?.[0]?.name === 'metrics' && ports[0].port === 8080 && endpoints?.length === replicas;
    },
    { what: 'the Service of the metrics leads to every pod' },
  );
  await kubectl('delete', '-k', overlay(name), '--timeout=60s');
});

test('the dashboard component opens a page that can be reached by port-forward alone', async () => {
  const folder = await writeOverlayWith('dashboard', join(cluster.dir, 'dashboard'));
  expect((await kubectl('apply', '-k', folder)).stderr).toBe('');
  const { stdout } = await kubectl('get', 'deployment', 'restapi-operator', '-n', 'restapi-system', '-o', 'json');
  const [container] = JSON.parse(stdout).spec.template.spec.containers as { args: string[]; ports: object[] }[];
  expect(container?.args).toContain('--dashboard-port=8090');
  expect(container?.args).toContain('--leader-elect');
  expect(JSON.stringify(container?.ports)).not.toContain('8090');
  await kubectl('delete', '-k', folder, '--timeout=60s');
});

test('the namespaced component leaves no right in any other namespace', async () => {
  const folder = await writeNamespacedOverlay(join(cluster.dir, 'namespaced'));
  const { stdout } = await kubectl('kustomize', folder);
  expect(stdout).not.toContain('kind: ClusterRoleBinding');
  expect(stdout).toContain('--namespace=apps');
  expect((await cluster.kubectl(['apply', '-f', '-'], { input: stdout })).stderr).toBe('');
  const account = 'system:serviceaccount:restapi-system:restapi-operator';
  const may = async (namespace: string) =>
    (await cluster.kubectl(['auth', 'can-i', 'patch', 'deployments', '-n', namespace, '--as', account])).stdout.trim();
  expect(await may('apps')).toBe('yes');
  expect(await may('default')).toBe('no');
});
