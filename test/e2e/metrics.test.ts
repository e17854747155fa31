import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Operator } from '../../operator/index.ts';
import { type AuditEvent, type AuditMark, type FaultProxy, startFaultProxy } from '../../operator/testkit/index.ts';
import { freePorts } from '../../operator/testkit/ports.ts';
import { packageRoot } from '../../src/package/package-root.ts';
import { eventually } from '../support/eventually.ts';
import { type Exposition, parseExposition } from '../support/exposition.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

/** Prefix of the metrics that only an operator with leader election has. */
const OF_ELECTION = 'operator_leader_';

const CONTROLLER = 'RestAPIController';

let world: OperatorCluster;
let proxy: FaultProxy;
let mark: AuditMark;
let operator: Operator;
beforeAll(async () => {
  world = await OperatorCluster.start();
  // Uses the operator's own credentials, so that the API server sees the same user as without the proxy.
  proxy = await startFaultProxy(world.operatorConfig);
  mark = await world.cluster.auditMark();
  operator = await world.startOperator({ kubeConfig: proxy.kubeConfig, metricsAddress: '127.0.0.1:0' });
});
afterAll(async () => {
  await operator?.stop();
  await proxy?.stop();
  await world?.[Symbol.asyncDispose]();
});

test('requests are counted by status code exactly as in the audit log of the API server', async () => {
  // A name that is taken causes 409s and reads of the object that has it.
  await world.kubectl('create', 'configmap', 'taken-env');
  await world.apply(sample('shop'), sample('taken'));
  await phase('shop', 'Ready');
  await phase('taken', 'Failed');
  await world.kubectl('delete', 'configmap', 'taken-env');
  await phase('taken', 'Ready');

  await eventually(async () => {
    const counted = (await scrape()).of('rest_client_requests_total');
    const audited = (await world.operatorRequests(mark)).filter(isAnswer);
    const byCode = countBy(audited, ({ responseStatus }) => `${responseStatus?.code}`);
    expect(sumBy(counted, ({ code }) => `${code}`)).toEqual(byCode);
    // A server that has just started may also respond with 429.
    expect(Object.keys(byCode)).toEqual(expect.arrayContaining(['200', '201', '409']));
    const byKind = countBy(audited, ({ objectRef: { resource, subresource } = {} }) =>
      subresource ? `${resource}/${subresource}` : `${resource}`,
    );
    expect(sumBy(counted, ({ resource }) => `${resource}`)).toEqual(byKind);
    return true;
  });
  const found = await scrape();
  expect(found.sum('rest_client_request_duration_seconds_count')).toBe(found.sum('rest_client_requests_total'));
  // One stream for each of the eleven kinds, and no other reads.
  expect(found.sum('rest_client_request_duration_seconds_count', { verb: 'watch' })).toBeGreaterThanOrEqual(11);
});

test('creates, repairs, updates and deletes are counted, and so are their reconciles', async () => {
  const before = await scrape();
  const written = (found: Exposition, kind: string, action: string) =>
    found.sum('operator_applied_objects_total', { controller: CONTROLLER, kind, action }) ?? 0;
  expect(written(before, 'Deployment', 'create')).toBe(8);
  expect(written(before, 'Service', 'create')).toBe(10);
  expect(written(before, 'Deployment', 'repair')).toBe(0);
  expect(before.sum('operator_reconcile_total', { controller: CONTROLLER, result: 'success' })).toBeGreaterThan(0);
  // Most events echo the operator's own writes.
  await eventually(async () => (runs(await scrape(), 'unchanged') ?? 0) > 0, { what: 'a run with nothing to do' });

  await world.kubectl('scale', 'deployment', 'shop-view', '--replicas=7');
  await eventually(async () => written(await scrape(), 'Deployment', 'repair') === 1, { what: 'a repair counted' });
  await world.kubectl('delete', 'service', 'shop-view');
  await eventually(async () => written(await scrape(), 'Service', 'create') === 11, { what: 'a create counted' });
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"envVars":{"LOG_LEVEL":"debug"}}}');
  await eventually(async () => written(await scrape(), 'ConfigMap', 'update') === 1, { what: 'an update counted' });
  await phase('shop', 'Ready');

  const after = await scrape();
  expect(written(after, 'Deployment', 'repair')).toBe(1);
  expect(runs(after, 'success')).toBeGreaterThan(runs(before, 'success') ?? 0);
  expect(after.sum('operator_reconcile_errors_total')).toBe(0);
  expect(after.sum('workqueue_adds_total', { name: CONTROLLER })).toBeGreaterThan(0);
  expect(after.sum('operator_cache_objects', { kind: 'RestAPI' })).toBe(2);
  expect(after.sum('operator_cache_objects', { kind: 'Deployment' })).toBe(8);
});

test('a failed reconcile is counted as an error and retried', async () => {
  const before = await scrape();
  const refused = proxy.rule({
    match: ({ method, path }) => method === 'PATCH' && path.endsWith('/deployments/broken-view'),
    fault: { kind: 'answer', status: 403 },
    times: 1,
  });
  await world.apply(sample('broken'));
  await phase('broken', 'Ready');
  expect(refused.fired).toBe(1);
  const after = await scrape();
  expect(after.sum('operator_reconcile_errors_total', { controller: CONTROLLER })).toBe(1);
  expect(runs(after, 'error')).toBe(1);
  expect(after.sum('rest_client_requests_total', { method: 'PATCH', resource: 'deployments', code: '403' })).toBe(1);
  const retries = (found: Exposition) => found.sum('workqueue_retries_total', { name: CONTROLLER }) ?? 0;
  expect(retries(after)).toBeGreaterThan(retries(before));
  // The refused create is not counted.
  expect(after.sum('operator_applied_objects_total', { kind: 'Deployment', action: 'create' })).toBe(12);
});

test('a broken watch that reconnects is counted by its reason', async () => {
  const broken = async (kind: string) =>
    (await scrape()).sum('operator_watch_reconnects_total', { kind, reason: 'network' }) ?? 0;
  const kinds = ['RestAPI', 'Deployment', 'ConfigMap'];
  const before = await Promise.all(kinds.map(broken));
  proxy.killConnections();
  await eventually(
    async () => {
      const now = await Promise.all(kinds.map(broken));
      return now.every((count, index) => count > (before[index] ?? 0));
    },
    { what: 'reconnections counted' },
  );
});

test('each RestAPI exposes its phase and pods, and a deleted one leaves no series', async () => {
  const labels = { namespace: 'default', name: 'shop' };
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"view":{"replicas":2}}}');
  await eventually(async () => (await scrape()).sum('restapi_ready_replicas', { ...labels, component: 'view' }) === 2, {
    what: 'two ready pods of the view',
  });
  await phase('shop', 'Ready');
  // Its cache shows it a moment after the API server does.
  let found = await eventually(async () => {
    const now = await scrape();
    return now.of('restapi_info', labels)[0]?.labels.phase === 'Ready' && now;
  });
  expect(found.of('restapi_info', labels).map(({ labels: { phase: shown } }) => shown)).toEqual(['Ready']);
  expect(found.of('restapi_replicas', labels).map(({ labels: { component }, value }) => [component, value])).toEqual([
    ['model', 1],
    ['view', 2],
    ['controller', 1],
    ['repository', 1],
  ]);
  await world.kubectl('delete', 'restapi', 'shop', '--timeout=90s');
  await eventually(async () => (await scrape()).of('restapi_info', labels).length === 0, { what: 'shop gone' });
  found = await scrape();
  expect(found.samples.filter(({ labels: { name } }) => name === 'shop')).toEqual([]);
  expect(found.sum('operator_cache_objects', { kind: 'RestAPI' })).toBe(2);
  expect(found.sum('operator_applied_objects_total', { kind: 'Deployment', action: 'delete' })).toBe(4);
});

test('no framework label contains an object name, and docs/reference/metrics.md lists every metric', async () => {
  const found = await scrape();
  const framework = found.samples.filter(({ name }) => !name.startsWith('restapi_'));
  const values = new Set(framework.flatMap(({ labels }) => Object.values(labels)));
  for (const name of ['shop', 'broken', 'taken']) {
    expect([...values].filter((value) => value.includes(name))).toEqual([]);
  }
  // An operator without leader election lacks these metrics.
  const listed = (await listedMetrics()).filter((name) => !name.startsWith(OF_ELECTION));
  const own = [...found.types.keys()].filter((name) => !/^(process|nodejs)_/.test(name));
  expect(own.sort()).toEqual(listed.sort());
  expect(found.sum('process_cpu_seconds_total')).toBeGreaterThan(0);
});

test('of two operator processes the leader exposes 1 and the standby 0 until it takes over', async () => {
  await operator.stop();
  const [one, two] = (await freePorts(2)).map((port) => `127.0.0.1:${port}`);
  if (!one || !two) throw new Error('two ports are needed');
  const flags = (address: string) => ['--leader-elect', '--health-address', address, '--metrics-address', address];
  const leader = async (address: string) => (await scrapeAt(address)).sum('operator_leader');
  const first = await world.spawnOperator({ flags: flags(one) });
  await eventually(async () => (await leader(one)) === 1, { what: 'the first leads' });
  await world.spawnOperator({ flags: flags(two) });
  await eventually(async () => (await fetch(`http://${two}/readyz`)).ok, { what: 'the second is ready' });
  expect(await leader(two)).toBe(0);
  const election = (await listedMetrics()).filter((name) => name.startsWith(OF_ELECTION));
  const shown = [...(await scrapeAt(one)).types.keys()].filter((name) => name.startsWith(OF_ELECTION));
  expect(shown.sort()).toEqual(election.sort());
  expect(shown.length).toBeGreaterThan(0);
  expect((await scrapeAt(two)).sum('operator_build_info', { name: 'restapi-operator', version: '0.1.0' })).toBe(1);
  await first.end('SIGTERM');
  await eventually(async () => (await leader(two)) === 1, { what: 'the second leads' });
});

/** The metrics that the reference page lists. */
async function listedMetrics(): Promise<string[]> {
  const page = await readFile(join(packageRoot(), 'docs', 'reference', 'metrics.md'), 'utf8');
  return [...page.matchAll(/^\| `([a-z_]+)` /gm)].flatMap(([, name]) => name ?? []);
}

function scrape(): Promise<Exposition> {
  return scrapeAt(`127.0.0.1:${operator.metricsPort}`);
}

async function scrapeAt(address: string): Promise<Exposition> {
  const answer = await fetch(`http://${address}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(await answer.text());
}

function runs(found: Exposition, result: string): number | undefined {
  return found.sum('operator_reconcile_total', { controller: CONTROLLER, result });
}

function phase(name: string, wanted: string): Promise<unknown> {
  return eventually(
    async () => {
      const { status, metadata } = (await world.restapi(name)) ?? {};
      return status?.phase === wanted && status.observedGeneration === metadata?.generation;
    },
    { what: `${name} ${wanted}` },
  );
}

/** A watch counts as answered when its response starts. */
function isAnswer({ verb, stage }: AuditEvent): boolean {
  return stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete');
}

function countBy<T>(items: T[], keyOf: (item: T) => string): Record<string, number> {
  return Object.fromEntries(Object.entries(Object.groupBy(items, keyOf)).map(([key, of]) => [key, of?.length ?? 0]));
}

function sumBy(
  samples: Exposition['samples'],
  keyOf: (labels: Record<string, string>) => string,
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { labels, value } of samples) sums[keyOf(labels)] = (sums[keyOf(labels)] ?? 0) + value;
  return sums;
}
