import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { StoredObject } from '../../../operator/index.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { OPERATOR_FLAGS } from '../../../src/command/operator-flags.ts';
import { readServedNamespaces } from '../../../src/command/read-served-namespaces.ts';
import { readFlags } from '../../../src/terminal/flag-table.ts';
import { established } from '../../support/established.ts';
import { eventually } from '../../support/eventually.ts';
import {
  APPS,
  MONITORING,
  overlay,
  PROMETHEUS_CRDS,
  SHOP,
  writeNamespacedOverlay,
  writeOverlayForTwo,
  writeOverlayWith,
} from './overlays.ts';

/** A change without effect on the policy, which makes the API server check it again. */
const TOUCH =
  '[{"op":"add","path":"/spec/matchConstraints/resourceRules/0/operations","value":["CREATE","DELETE","UPDATE"]}]';

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

/** Returns the addresses behind the metrics Service. */
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

// The containers are simulated; the API server and its Pod Security check `restricted` are real.
test.each([
  ['dev', 1],
  ['staging', 1],
  ['prod', 2],
] as const)('kubectl apply -k kustomize/overlays/%s works, and its %i pods are admitted', async (name, replicas) => {
  const { stderr } = await kubectl('apply', '-k', overlay(name));
  expect(stderr).toBe('');
  await kubectl('rollout', 'status', 'deployment/restapi-operator', '-n', 'restapi-system', '--timeout=90s');
  const { stdout } = await kubectl('get', 'deployment', 'restapi-operator', '-n', 'restapi-system', '-o', 'json');
  expect(JSON.parse(stdout).status).toMatchObject({ availableReplicas: replicas });
  await eventually(
    async () => {
      const { ports, endpoints } = await metricsEndpoints();
      return ports?.[0]?.name === 'metrics' && ports[0].port === 8080 && endpoints?.length === replicas;
    },
    { what: 'every pod behind the metrics Service' },
  );
  await kubectl('delete', '-k', overlay(name), '--timeout=60s');
});

test('the API server finds no mistake in the expressions of the fence and of the policies about generated objects', async () => {
  await kubectl('apply', '-k', overlay('prod'));
  await established(cluster, 'restapis.restapi.dev');
  // The kinds that restapi-operator-others is about have few fields in common, of which the check would warn.
  for (const name of ['restapi-fence', 'restapi-operator-objects', 'restapi-operator-workloads']) {
    const before = JSON.parse((await kubectl('get', 'validatingadmissionpolicy', name, '-o', 'json')).stdout);
    // Checked again now that the CRD is served.
    await kubectl('patch', 'validatingadmissionpolicy', name, '--type=json', '-p', TOUCH);
    const { metadata, status } = await eventually(async () => {
      const { stdout } = await kubectl('get', 'validatingadmissionpolicy', name, '-o', 'json');
      const policy = JSON.parse(stdout);
      return policy.status?.observedGeneration === policy.metadata.generation && policy;
    });
    expect(metadata.generation).toBeGreaterThan(before.metadata.generation);
    expect(status.typeChecking?.expressionWarnings ?? [], name).toEqual([]);
  }
  await kubectl('delete', '-k', overlay('prod'), '--timeout=60s');
});

test('the dashboard component serves a page that only port-forward can reach', async () => {
  const folder = await writeOverlayWith('dashboard', join(cluster.dir, 'dashboard'));
  expect((await kubectl('apply', '-k', folder)).stderr).toBe('');
  const { stdout } = await kubectl('get', 'deployment', 'restapi-operator', '-n', 'restapi-system', '-o', 'json');
  const [container] = JSON.parse(stdout).spec.template.spec.containers as { args: string[]; ports: object[] }[];
  expect(container?.args).toContain('--dashboard-port=8090');
  expect(container?.args).toContain('--leader-elect');
  expect(JSON.stringify(container?.ports)).not.toContain('8090');
  await kubectl('delete', '-k', folder, '--timeout=60s');
});

test('the namespaced component leaves no permissions in other namespaces', async () => {
  const folder = await writeNamespacedOverlay(join(cluster.dir, 'namespaced'));
  const { stdout } = await kubectl('kustomize', folder);
  expect(stdout).not.toContain('kind: ClusterRoleBinding');
  expect(stdout).toContain('--namespaces=apps');
  expect((await cluster.kubectl(['apply', '-f', '-'], { input: stdout })).stderr).toBe('');
  const account = 'system:serviceaccount:restapi-system:restapi-operator';
  const may = async (namespace: string) =>
    (await cluster.kubectl(['auth', 'can-i', 'patch', 'deployments', '-n', namespace, '--as', account])).stdout.trim();
  // The authorizer hears of bindings a moment later.
  await eventually(async () => (await may('apps')) === 'yes');
  expect(await may('default')).toBe('no');
});

test('the overlay for two namespaces gives permissions in both and in no other', async () => {
  const folder = await writeOverlayForTwo(join(cluster.dir, 'two-namespaces'));
  const { stdout } = await kubectl('kustomize', folder);
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as StoredObject & { kind: string });
  expect(objects.filter(({ kind }) => kind === 'ClusterRoleBinding')).toEqual([]);
  const [deployment] = objects.filter(({ kind }) => kind === 'Deployment') as never as {
    spec: { template: { spec: { containers: { args: string[] }[] } } };
  }[];
  const args = deployment?.spec.template.spec.containers[0]?.args ?? [];
  const { namespaces } = readFlags(OPERATOR_FLAGS, args, {});
  expect(readServedNamespaces(namespaces)).toEqual([APPS, SHOP]);
  for (const namespace of [APPS, SHOP]) await kubectl('create', 'namespace', namespace).catch(() => undefined);
  expect((await cluster.kubectl(['apply', '-f', '-'], { input: stdout })).stderr).toBe('');
  const account = 'system:serviceaccount:restapi-system:restapi-operator';
  const may = async (namespace: string, verb: string, resource: string) =>
    (await cluster.kubectl(['auth', 'can-i', verb, resource, '-n', namespace, '--as', account])).stdout.trim();
  const rights = [
    ['list', 'restapis.restapi.dev'],
    ['watch', 'secrets'],
    ['patch', 'deployments'],
    ['delete', 'services'],
    ['create', 'events.events.k8s.io'],
  ] as const;
  for (const [verb, resource] of rights) {
    // The authorizer hears of bindings a moment later.
    for (const namespace of [APPS, SHOP])
      await eventually(async () => (await may(namespace, verb, resource)) === 'yes');
    expect(await may('default', verb, resource)).toBe('no');
    expect(await may('restapi-system', verb, resource)).toBe('no');
  }
});

test('the monitoring components apply, Jaeger passes Pod Security `restricted`, and network policies admit traces', async () => {
  await kubectl('create', '-f', PROMETHEUS_CRDS);
  for (const plural of ['servicemonitors', 'prometheusrules']) {
    await established(cluster, `${plural}.monitoring.coreos.com`);
  }
  const folder = await writeOverlayWith(MONITORING, join(cluster.dir, 'monitoring'));
  expect((await kubectl('apply', '--validate=strict', '-k', folder)).stderr).toBe('');
  const get = async (...args: string[]) =>
    JSON.parse((await kubectl('get', '-n', 'restapi-system', '-o', 'json', ...args)).stdout);

  const dashboards = (await get('configmaps', '-l', 'grafana_dashboard=1')).items as {
    data: Record<string, string>;
  }[];
  const files = dashboards.flatMap(({ data }) => Object.entries(data));
  expect(files.map(([name, text]) => [name, `${JSON.parse(text).uid}.json`])).toEqual(
    ['restapi-operator.json', 'restapi-fleet.json', 'restapi.json'].toSorted().map((name) => [name, name]),
  );
  expect((await get('prometheusrule', 'restapi-operator')).spec.groups.length).toBeGreaterThan(1);

  for (const name of ['jaeger', 'restapi-operator']) {
    await kubectl('rollout', 'status', `deployment/${name}`, '-n', 'restapi-system', '--timeout=90s');
  }
  const [pod] = (await get('pods', '-l', 'app.kubernetes.io/name=restapi-operator')).items;
  const { env } = pod.spec.containers[0] as { env: { name: string; value?: string }[] };
  const endpoint = new URL(env.find(({ name }) => name === 'OTEL_EXPORTER_OTLP_ENDPOINT')?.value ?? '');
  const [service, namespace] = endpoint.hostname.split('.');
  expect(namespace).toBe('restapi-system');
  const { ports, selector } = (await get('service', `${service}`)).spec;
  const port = ports.find((one: { port: number }) => `${one.port}` === endpoint.port);
  const [target] = (await get('pods', '-l', Object.entries(selector).flat().join('='))).items;
  const open = target.spec.containers[0].ports.find(({ name }: { name: string }) => name === port.targetPort);
  // Both network policies agree: egress of the operator and ingress of Jaeger.
  const { egress } = (await get('networkpolicy', 'restapi-operator')).spec;
  expect(egress).toContainEqual({
    to: [{ podSelector: { matchLabels: selector } }],
    ports: [{ port: open.containerPort, protocol: 'TCP' }],
  });
  const [{ from, ports: allowed }] = (await get('networkpolicy', 'jaeger')).spec.ingress;
  expect(from).toContainEqual({ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'restapi-operator' } } });
  expect(allowed).toEqual([{ port: open.name, protocol: 'TCP' }]);
});
