import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePorts } from '../../../operator/testkit/ports.ts';
import { pageFiles } from '../../../src/dashboard/page-files.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { runtimePackage } from '../../../src/tools/image/runtime.ts';
import { EventReader } from '../../src/dashboard/event-reader.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { OtlpReceiver, type ReceivedSpan } from '../../support/otlp-receiver.ts';

const DENO = [runtimePackage('deno').binary, 'run', '--allow-net', '--allow-read', '--allow-env', '--allow-sys'];

let folder: string;
let world: OperatorCluster;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-test-'));
  await copyFile(join(packageRoot(), 'dist', 'bundle', 'restapi-operator.mjs'), join(folder, 'operator.mjs'));
  world = await OperatorCluster.start();
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ['Node', [process.execPath]],
  ['Deno', DENO],
])('the bundled file alone, in an empty folder, reconciles a RestAPI under %s', async (name, runtime) => {
  expect(await readdir(folder)).toEqual(['operator.mjs']);
  const [port, pagePort] = await freePorts(2);
  const flags = ['--metrics-address', `127.0.0.1:${port}`, '--dashboard-port', `${pagePort}`];
  await using receiver = await OtlpReceiver.start();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const operator = await world.spawnOperator({ runtime, main: join(folder, 'operator.mjs'), cwd: folder, flags, env });
  const app = name.toLowerCase();
  await world.apply(sample(app));
  await world.untilReady(app);
  const deployment = await world.get('deployment', `${app}-view`);
  // Its cache shows it a moment after the API server does.
  const metrics = await eventually(async () => {
    const found = parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    return found.sum('restapi_ready_replicas', { name: app }) === 4 && found;
  });
  expect(metrics.sum('process_cpu_seconds_total')).toBeGreaterThan(0);
  // The bundle contains the dashboard's page, which shows the RestAPI.
  for (const [path, file] of Object.entries(pageFiles())) {
    const answer = await fetch(`http://127.0.0.1:${pagePort}${path}`);
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([file.contentType, file.body]);
  }
  const stream = await EventReader.open(`http://127.0.0.1:${pagePort}/events/restapis`);
  const { data } = await stream.until(({ event }) => event === 'all');
  expect(data).toContainEqual([
    `default/${app}`,
    expect.objectContaining({ name: app, phase: 'Ready', version: '1.0.0' }),
  ]);
  stream.close();
  // Bundling keeps the names of classes.
  expect(deployment?.metadata.annotations?.['restapi.dev/dependent']).toBe('ComponentDeployment');
  await world.kubectl('delete', 'restapi', app, '--timeout=90s');
  expect(await operator.end('SIGTERM')).toBe(0);
  expect(await readFile(operator.log, 'utf8')).not.toContain('Deprecat');
  // The bundle contains the trace exporter.
  const [run] = receiver.named('reconcile RestAPI');
  expect(receiver.childrenOf(run as ReceivedSpan).map((span) => span.name)).toContain('dependent ComponentDeployment');
});
