import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../../operator/testkit/ports.ts';
import { runtimePackage } from '../../../src/tools/image/runtime.ts';
import { ask, basic } from '../../operator/serving/ask.ts';
import { Plugin } from '../../src/cli/plugin.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { writeOverlayWith } from './overlays.ts';

const DENO = [runtimePackage('deno').binary, 'run', '--allow-net', '--allow-read', '--allow-env', '--allow-sys'];
const ADDRESS = /^(--(?:metrics|dashboard)-address=).*/;

interface Operator {
  spec: { template: { spec: { containers: { args: string[] }[] } } };
}

let plugin: Plugin;
let world: OperatorCluster;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  plugin = await Plugin.install();
  const components = ['secure-metrics', 'exposed-dashboard'];
  world = await OperatorCluster.start({
    kustomization: await writeOverlayWith(components, join(plugin.dir, 'overlay')),
  });
  for (const name of ['reader', 'tenant']) await world.kubectl('create', 'serviceaccount', name);
  for (const role of ['restapi-metrics-reader', 'restapi-dashboard-reader']) {
    await world.kubectl(
      'create',
      'clusterrolebinding',
      role,
      `--clusterrole=${role}`,
      '--serviceaccount=default:reader',
    );
  }
  await world.kubectl('create', 'rolebinding', 'tenant', '--clusterrole=admin', '--serviceaccount=default:tenant');
  for (const name of ['reader', 'tenant']) tokens[name] = (await world.kubectl('create', 'token', name)).trim();
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await plugin?.[Symbol.asyncDispose]();
});

test.each([
  ['Node', undefined],
  ['Deno', DENO],
])(
  'as deployed and under %s, the operator answers who has a token and the right, and nobody else',
  async (_, runtime) => {
    const deployment = await world.get<Operator>('deployment', 'restapi-operator', 'restapi-system');
    const args = deployment?.spec.template.spec.containers[0]?.args ?? [];
    expect(args).toEqual(expect.arrayContaining(['--metrics-secure', '--dashboard-address=:8443']));
    const ports = await freePorts(2);
    const free = [...ports];
    // The order of the arguments: metrics are part of the base.
    const flags = args
      .filter((arg) => !arg.startsWith('--health-address'))
      .map((arg) => (ADDRESS.test(arg) ? arg.replace(ADDRESS, `$1127.0.0.1:${free.shift()}`) : arg));
    const operator = await world.spawnOperator({ runtime, flags });
    const [metrics = 0, dashboard = 0] = ports;
    const statusOf = async (port: number, path: string, token?: string) => (await ask(port, path, { token })).status;
    await eventually(async () => (await statusOf(metrics, '/metrics', tokens.reader)) === 200);
    for (const [port, path] of [
      [metrics, '/metrics'],
      [dashboard, '/'],
      [dashboard, '/events/restapis'],
    ] as const) {
      expect(await statusOf(port, path), path).toBe(401);
      expect(await statusOf(port, path, 'letmein'), path).toBe(401);
      expect(await statusOf(port, path, tokens.tenant), path).toBe(403);
    }
    const page = await ask(dashboard, '/', { headers: basic(tokens.reader ?? '') });
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<!doctype html>') });
    const { body } = await ask(metrics, '/metrics', { token: tokens.reader });
    expect(parseExposition(body).sum('operator_build_info', { name: 'restapi-operator' })).toBe(1);
    await expect(fetch(`http://127.0.0.1:${metrics}/metrics`)).rejects.toThrow();
    expect(await operator.end('SIGTERM')).toBe(0);
  },
);

test.each([
  ['Node', undefined],
  ['Deno', DENO],
])('under %s, a renewed certificate is served within a minute', async (name, runtime) => {
  const { selfSigned } = await import('../../../operator/serving/self-signed.ts');
  const [first, second] = await Promise.all([selfSigned(), selfSigned()]);
  const write = async ({ cert, key }: { cert: string; key: string }) => [
    await plugin.file(`${name}.crt`, cert),
    await plugin.file(`${name}.key`, key),
  ];
  const [certFile, keyFile] = await write(first);
  const [port = 0] = await freePorts(1);
  const flags = [`--metrics-address=127.0.0.1:${port}`, '--metrics-secure'];
  const operator = await world.spawnOperator({
    runtime,
    flags: [...flags, `--tls-cert-file=${certFile}`, `--tls-private-key-file=${keyFile}`],
  });
  const served = async () => (await ask(port, '/metrics')).fingerprint;
  const before = await eventually(served);
  await write(second);
  await eventually(async () => (await served()) !== before, { timeoutMs: 60_000, everyMs: 500 });
  expect((await ask(port, '/metrics', { token: tokens.reader })).status).toBe(200);
  expect(await operator.end('SIGTERM')).toBe(0);
});
