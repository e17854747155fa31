import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { OtlpReceiver } from '../../support/otlp-receiver.ts';
import { post } from './shop-in-process.ts';
import { ShopBundle } from './shop-process.ts';

let bundle: ShopBundle;
beforeAll(async () => {
  bundle = await ShopBundle.build();
});
afterAll(() => bundle?.[Symbol.asyncDispose]());

test('a request is one trace through the four components, which continues that of the caller', async () => {
  await using receiver = await OtlpReceiver.start();
  const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
  await using repository = bundle.run({ COMPONENT: 'repository', ...tracing, OTEL_SERVICE_NAME: 'shop-repository' });
  await using model = bundle.run({ COMPONENT: 'model', REPOSITORY_URL: await repository.url(), ...tracing });
  // Without tracing, a component passes the trace on.
  await using controller = bundle.run({ COMPONENT: 'controller', MODEL_URL: await model.url() });
  await using view = bundle.run({ COMPONENT: 'view', CONTROLLER_URL: await controller.url(), ...tracing });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'a=b' };
  expect((await fetch(`${await view.url()}/api/products/cup`, { headers })).status).toBe(200);

  const spans = await eventually(() => receiver.spans.length >= 5 && receiver.spans);
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const [server] = receiver.spans.filter((span) => span.parentSpanId === 'b7ad6b7169203331');
  expect(server).toMatchObject({ name: 'GET /api/products/:id', resource: { 'service.name': 'shop-view' } });
  const chain = [server];
  for (let span = server; span; [span] = receiver.childrenOf(span)) chain.push(span);
  expect(chain.slice(1).map((span) => `${span?.resource['service.name']} ${span?.name}`)).toEqual([
    'shop-view GET /api/products/:id',
    'shop-view GET /api/products/cup',
    'shop-model GET /api/products/:id',
    'shop-model GET /api/products/cup',
    'shop-repository GET /api/products/:id',
  ]);
  expect(chain[0]?.attributes).toMatchObject({ 'http.request.method': 'GET', 'http.response.status_code': 200 });

  view.signal('SIGTERM');
  expect(await view.exitCode()).toBe(0);
});

test('SIGTERM drains and ends with 0, and nothing is left of a request that came just before', async () => {
  await using view = bundle.run({ COMPONENT: 'view', LATENCY_MS: '3000' });
  const url = await view.url();
  const answer = fetch(`${url}/api/products`);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  view.signal('SIGTERM');
  expect((await answer).headers.get('connection')).toBe('close');
  expect(await view.exitCode()).toBe(0);
  expect(view.output).toMatch(/"message":"Draining".*\n.*"message":"Stopping".*"connections":0/);
});

test('invalid variables end the process with a message that names them', async () => {
  const invalid: [variables: Record<string, string>, message: string][] = [
    [{}, 'error: COMPONENT is not set: it must be one of view, controller, model, repository'],
    [{ COMPONENT: 'view', PORT: 'x' }, 'error: PORT is "x": it must be a number from 0 to 65535'],
    [{ COMPONENT: 'view', SHOP_VERSION: '1\r\n2' }, 'error: SHOP_VERSION is "1\\r\\n2": it must be letters, digits'],
    [{ COMPONENT: 'view', MODEL_URL: 'model' }, 'error: MODEL_URL is "model": it must be an http:// URL'],
  ];
  for (const [variables, message] of invalid) {
    await using component = bundle.run(variables);
    expect(await component.exitCode()).toBe(1);
    expect(component.output).toContain(message);
  }
});

test('FAIL_PERCENT fails that share of requests of the faulty component alone', async () => {
  const faults = { FAIL_PERCENT: '25', FAULTY_COMPONENT: 'repository' };
  await using repository = bundle.run({ COMPONENT: 'repository', ...faults });
  await using model = bundle.run({ COMPONENT: 'model', REPOSITORY_URL: await repository.url(), ...faults });
  const url = await model.url();
  const statuses: number[] = [];
  for (let request = 0; request < 12; request += 1) statuses.push((await fetch(`${url}/api/products`)).status);
  expect(statuses).toEqual([200, 200, 200, 500, 200, 200, 200, 500, 200, 200, 200, 500]);
  expect((await post(`${url}/api/orders`, { product: 'cup', quantity: 1, customer: 'Ann' })).status).toBe(201);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test('CRASH_AFTER_SECONDS ends the process with 1', async () => {
  await using view = bundle.run({ COMPONENT: 'view', CRASH_AFTER_SECONDS: '0.2' });
  await view.url();
  expect(await view.exitCode()).toBe(1);
});

test('READY_AFTER_SECONDS delays readiness, HANG_AFTER_SECONDS stops all answers', async () => {
  await using view = bundle.run({ COMPONENT: 'view', READY_AFTER_SECONDS: '4', HANG_AFTER_SECONDS: '12' });
  const url = await view.url();
  expect((await fetch(`${url}/health`)).status).toBe(503);
  await eventually(async () => (await fetch(`${url}/health`)).status === 200);
  await eventually(() => view.output.includes('Hanging'));
  await expect(fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).rejects.toThrow('timeout');
});

test.runIf(process.platform === 'linux')('LEAK_MIB_PER_SECOND leaks, BURN_CPU_MS uses CPU', async () => {
  await using view = bundle.run({ COMPONENT: 'view', LEAK_MIB_PER_SECOND: '100', BURN_CPU_MS: '50' });
  const metric = async (name: string) => {
    const text = await (await fetch(`${await view.url()}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  };
  await eventually(async () => (await metric('process_resident_memory_bytes')) > 200 * 1024 * 1024);
  const before = await metric('process_cpu_seconds_total');
  await fetch(`${await view.url()}/api/products`);
  expect((await metric('process_cpu_seconds_total')) - before).toBeGreaterThan(0.04);
});

test.runIf(process.getuid?.() === 0)(
  'a user without rights on the volume gets a message, not a database in memory',
  async () => {
    await using folder = await temporaryFolder();
    await using repository = bundle.run({ COMPONENT: 'repository', DATA_FOLDER: folder.path }, 65_532);
    expect(await repository.exitCode()).toBe(1);
    expect(repository.output).toContain(
      `error: The data folder ${folder.path} is not writable for user 65532: set spec.`,
    );
  },
);

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'shop-data-'));
  await chmod(path, 0o755);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
