import { request } from 'node:http';
import { KubeConfig } from '@kubernetes/client-node';
import { Counter, Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { HealthServer } from '../../../operator/health/health-server.ts';
import { Operator } from '../../../operator/index.ts';
import { metricsEndpoint } from '../../../operator/metrics/metrics-endpoint.ts';
import { OperatorMetrics } from '../../../operator/metrics/operator-metrics.ts';
import { WorkQueue } from '../../../operator/queue/work-queue.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { eventually } from '../../support/eventually.ts';
import { type Exposition, parseExposition } from '../../support/exposition.ts';
import { recordingLogger } from '../informer/support.ts';

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

function metricsOf(state: Partial<ConstructorParameters<typeof OperatorMetrics>[0]> = {}): OperatorMetrics {
  return new OperatorMetrics({ name: 'greeter', version: '1.2.3', leading: () => true, caches: () => [], ...state });
}

async function scrape({ registry }: { registry: Registry }): Promise<Exposition> {
  return parseExposition(await registry.metrics());
}

/** A queue of the name `q` whose runs end when the test says so. */
function gated(metrics: OperatorMetrics, concurrency = 1) {
  const gates: ReturnType<
    typeof Promise.withResolvers<{ requeueAfterMs?: number; unchanged?: boolean } | undefined>
  >[] = [];
  const queue = new WorkQueue(
    () => {
      const gate = Promise.withResolvers<{ requeueAfterMs?: number; unchanged?: boolean } | undefined>();
      gates.push(gate);
      return gate.promise;
    },
    { concurrency, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000, observer: metrics.controller('q') },
  );
  metrics.queues.show('q', queue);
  return { queue, gates };
}

test('a queue counts a key when it is put in, however often it is added', async () => {
  const metrics = metricsOf();
  const { queue, gates } = gated(metrics);
  for (const key of ['a', 'a', 'b']) queue.add(key);
  // A resync that turns into an event waits on; it is no new one.
  queue.add('c', 'resync');
  queue.add('c', 'resync');
  queue.add('c');
  let found = await scrape(metrics);
  expect(found.sum('workqueue_adds_total', { name: 'q' })).toBe(3);
  expect(found.sum('workqueue_depth', { name: 'q' })).toBe(3);
  expect(found.sum('workqueue_longest_running_processor_seconds', { name: 'q' })).toBe(0);

  queue.start();
  queue.add('a');
  queue.add('a');
  await eventually(() => queue.longestRunMs > 0, { what: 'the run is seen to last', everyMs: 5 });
  found = await scrape(metrics);
  expect(found.sum('workqueue_depth', { name: 'q' })).toBe(2);
  expect(found.sum('workqueue_adds_total', { name: 'q' })).toBe(3);
  expect(found.sum('workqueue_queue_duration_seconds_count', { name: 'q' })).toBe(1);
  expect(found.sum('workqueue_work_duration_seconds_count', { name: 'q' })).toBe(0);
  expect(found.sum('workqueue_longest_running_processor_seconds', { name: 'q' })).toBeGreaterThan(0);

  // What was added during its run is put in when the run has ended.
  gates[0]?.resolve(undefined);
  await eventually(() => gates.length === 2, { what: 'b runs', everyMs: 5 });
  found = await scrape(metrics);
  expect(found.sum('workqueue_adds_total', { name: 'q' })).toBe(4);
  expect(found.sum('workqueue_work_duration_seconds_count', { name: 'q' })).toBe(1);
});

test('runs are counted by their result, and keys that come back', async () => {
  const metrics = metricsOf();
  expect((await scrape(metrics)).of('operator_reconcile_total')).toEqual([]);
  const { queue, gates } = gated(metrics, 5);
  // All stand at 0 before anything happened.
  expect(
    (await scrape(metrics)).of('operator_reconcile_total').map(({ labels, value }) => [labels.result, value]),
  ).toEqual([
    ['success', 0],
    ['requeue', 0],
    ['unchanged', 0],
    ['parked', 0],
    ['error', 0],
  ]);
  queue.start();
  for (const key of 'abcde') queue.add(key);
  await eventually(() => gates.length === 5, { what: 'all run', everyMs: 5 });
  gates[0]?.resolve(undefined);
  gates[1]?.resolve({ requeueAfterMs: 3_600_000 });
  gates[2]?.resolve({ unchanged: true });
  gates[3]?.reject(new Error('no'));
  gates[4]?.reject(new Error('no'));
  await eventually(() => queue.running === 0, { what: 'all ended', everyMs: 5 });
  const found = await scrape(metrics);
  const runs = (result: string) => found.sum('operator_reconcile_total', { controller: 'q', result });
  expect(['success', 'requeue', 'unchanged', 'error'].map(runs)).toEqual([1, 1, 1, 2]);
  expect(found.sum('operator_reconcile_errors_total', { controller: 'q' })).toBe(2);
  expect(found.sum('operator_reconcile_duration_seconds_count', { controller: 'q' })).toBe(4);
  expect(found.sum('workqueue_work_duration_seconds_count', { name: 'q' })).toBe(5);
  expect(found.sum('workqueue_retries_total', { name: 'q' })).toBe(3);
  await queue.drain(0);
});

test('a run that exceeds its timeout counts as an error once, immediately', async () => {
  const metrics = metricsOf();
  const gate = Promise.withResolvers<undefined>();
  const givenUp = Promise.withResolvers<void>();
  const queue = new WorkQueue(
    (_key, signal) => {
      signal.addEventListener('abort', () => givenUp.resolve());
      return gate.promise;
    },
    { runTimeoutMs: 1, baseDelayMs: 3_600_000, maxDelayMs: 3_600_000, observer: metrics.controller('q') },
  );
  queue.start();
  queue.add('a');
  await givenUp.promise;
  expect((await scrape(metrics)).sum('operator_reconcile_errors_total')).toBe(1);
  expect((await scrape(metrics)).sum('workqueue_work_duration_seconds_count')).toBe(0);
  gate.resolve(undefined);
  await eventually(() => queue.running === 0, { what: 'it has ended', everyMs: 5 });
  const found = await scrape(metrics);
  expect(found.sum('operator_reconcile_total', { result: 'error' })).toBe(1);
  expect(found.sum('operator_reconcile_errors_total')).toBe(1);
  expect(found.sum('operator_reconcile_duration_seconds_count')).toBe(1);
  expect(found.sum('operator_reconcile_total')).toBe(1);
  await queue.drain(0);
});

test('writes are counted by kind and action', async () => {
  const metrics = metricsOf();
  const object = { metadata: { name: 'x', uid: 'u', resourceVersion: '1' } };
  const desired = object as never;
  const update = { action: 'update' as const, desired, observed: object, fields: ['spec.replicas'] };
  metrics.reconciles.applied('C', 'Deployment', { action: 'create', desired });
  metrics.reconciles.applied('C', 'Deployment', { ...update, drift: false });
  metrics.reconciles.applied('C', 'Deployment', { ...update, drift: true });
  metrics.reconciles.applied('C', 'Service', { action: 'delete', observed: object });
  expect((await scrape(metrics)).of('operator_applied_objects_total').map(({ labels }) => labels)).toEqual([
    { controller: 'C', kind: 'Deployment', action: 'create' },
    { controller: 'C', kind: 'Deployment', action: 'update' },
    { controller: 'C', kind: 'Deployment', action: 'repair' },
    { controller: 'C', kind: 'Service', action: 'delete' },
  ]);
});

test('caches of one kind are added up; a watch without a kind is labelled with its plural', async () => {
  const metrics = metricsOf({
    caches: () => [
      { type: CONFIG_MAP, size: 2 },
      { type: CONFIG_MAP, size: 3 },
      { type: { ...CONFIG_MAP, kind: '', plural: 'things' }, size: 4 },
    ],
  });
  metrics.caches.reconnected(CONFIG_MAP, { reason: 'long words', cause: 'network', relisted: false, gapMs: 1 });
  // Scraped twice: nothing may add up.
  await scrape(metrics);
  const found = await scrape(metrics);
  expect(found.sum('operator_cache_objects', { kind: 'ConfigMap' })).toBe(5);
  expect(found.sum('operator_cache_objects', { kind: 'things' })).toBe(4);
  expect(found.of('operator_watch_reconnects_total')).toEqual([
    { name: 'operator_watch_reconnects_total', labels: { kind: 'ConfigMap', reason: 'network' }, value: 1 },
  ]);
});

test('rejected writes and an unreachable server are counted under their codes', async () => {
  const metrics = metricsOf();
  const kubeConfig = nowhere();
  const client = new ApiClient({
    kubeConfig,
    userAgent: 'test',
    mayWrite: () => false,
    onRequest: (observation) => metrics.requests.ended(observation),
  });
  await expect(client.create(CONFIG_MAP, { metadata: { namespace: 'a', name: 'b' } })).rejects.toThrow();
  await expect(client.request({ method: 'GET', path: '/version', retry: 'never' })).rejects.toThrow();
  await client.close();
  const found = await scrape(metrics);
  expect(found.of('rest_client_requests_total').map(({ labels, value }) => ({ ...labels, value }))).toEqual([
    { method: 'POST', resource: 'configmaps', code: 'refused', value: 1 },
    { method: 'GET', resource: '/version', code: 'network', value: 1 },
  ]);
  expect(found.sum('rest_client_request_duration_seconds_count', { verb: 'create' })).toBe(1);
});

test('two operators in one process count separately and accept custom metrics', async () => {
  const [one, two] = [1, 2].map(() => new Operator({ name: 'same', kubeConfig: nowhere(), userAgent: '1.2.3' }));
  if (!one || !two) throw new Error('two operators are needed');
  new Counter({ name: 'greetings_total', help: 'Greetings.', registers: [one.metrics.registry] }).inc(7);
  one.metrics.controller('C').ended(1, 'success');
  expect((await scrape(one.metrics)).sum('operator_reconcile_total')).toBe(1);
  expect((await scrape(one.metrics)).sum('greetings_total')).toBe(7);
  expect((await scrape(one.metrics)).sum('operator_build_info', { name: 'same', version: '1.2.3' })).toBe(1);
  expect((await scrape(two.metrics)).sum('operator_reconcile_total')).toBeUndefined();
  expect((await scrape(two.metrics)).sum('greetings_total')).toBeUndefined();
  // Nobody can scrape them, so nothing of the process is measured.
  expect((await scrape(one.metrics)).sum('process_start_time_seconds')).toBeUndefined();
  await Promise.all([one.stop(), two.stop()]);
});

test('the leader metric is read when it is scraped', async () => {
  let leading = false;
  const metrics = metricsOf({ leading: () => leading });
  expect((await scrape(metrics)).sum('operator_leader')).toBe(0);
  leading = true;
  expect((await scrape(metrics)).sum('operator_leader')).toBe(1);
});

test('label values with quotes, backslashes and new lines stay one line', async () => {
  const registry = new Registry();
  new Gauge({ name: 'odd', help: 'Odd\nhelp.', labelNames: ['a'], registers: [registry] }).set({ a: 'x"y\\z\n' }, 1);
  expect((await scrape({ registry })).of('odd')).toEqual([{ name: 'odd', labels: { a: 'x\\"y\\\\z\\n' }, value: 1 }]);
});

test('the server answers GET and HEAD of its paths only', async () => {
  const { registry } = metricsOf();
  await using server = await serve(registry);
  const answer = await server.ask('GET', '/metrics?name[]=up');
  expect(answer).toMatchObject({ status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8' });
  expect(parseExposition(answer.body).sum('operator_leader')).toBe(1);
  expect(await server.ask('HEAD', '/metrics')).toMatchObject({ status: 200, body: '' });
  expect(await server.ask('POST', '/metrics')).toMatchObject({ status: 405, allow: 'GET, HEAD' });
  for (const path of ['/', '//', '/metrics/', '/healthz', '/metrics%2f', 'http://[', '*']) {
    expect(await server.ask('GET', path), path).toMatchObject({ status: 404 });
  }
  expect(server.log).toEqual([]);
});

test('a failing collector fails the scrape and is logged', async () => {
  const { registry } = metricsOf();
  const collect = () => {
    throw new Error('the shelf is empty');
  };
  new Gauge({ name: 'broken', help: 'Broken.', registers: [registry], collect });
  await using server = await serve(registry);
  expect(await server.ask('GET', '/metrics')).toMatchObject({
    status: 500,
    body: 'could not collect metrics; see the operator log\n',
  });
  expect(server.log).toEqual([expect.stringMatching(/^error Could not collect metrics .*the shelf is empty/)]);
});

test.each(['8080', 'localhost', ''])(
  'the address "%s" is refused in words that say what it is for',
  async (address) => {
    const server = new HealthServer({ '/metrics': metricsEndpoint(new Registry(), recordingLogger() as never) });
    await expect(server.listen(address)).rejects.toThrow(
      `invalid address ${address} for /metrics: use host:port or :port`,
    );
  },
);

/** A kubeconfig of a server that does not exist: port 1 of this machine is nobody's. */
function nowhere(): KubeConfig {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromClusterAndUser(
    { name: 'nowhere', server: 'http://127.0.0.1:1', skipTLSVerify: true },
    { name: 'nobody' },
  );
  return kubeConfig;
}

/** `/metrics` of a registry on a free port. */
async function serve(registry: Registry) {
  const logger = recordingLogger();
  const server = new HealthServer({ '/metrics': metricsEndpoint(registry, logger as never) });
  const port = await server.listen('127.0.0.1:0');
  return {
    log: logger.lines,
    /** Sends the path as it is, which fetch() would not. */
    ask: (method: string, path: string) =>
      new Promise<{ status: number; contentType?: string; allow?: string; body: string }>((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, method, path }, async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          const { 'content-type': contentType, allow } = response.headers;
          resolve({
            status: response.statusCode ?? 0,
            ...(contentType && { contentType }),
            ...(allow && { allow }),
            body: Buffer.concat(chunks).toString(),
          });
        });
        asked.on('error', reject).end();
      }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
