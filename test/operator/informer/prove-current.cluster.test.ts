import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../operator/index.ts';
import { InformerPool } from '../../../operator/runtime/informer-pool.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIG_MAP, configMap, isWatch, NAMESPACE, type Recorded, recorded } from './support.ts';
import { WIDGET } from './widget.ts';

/** A cache that is filled need not be current: its watch may have died unnoticed. */

let cluster: ControlPlane;
let proxy: FaultProxy;
let direct: ApiClient;
let client: ApiClient;
let namespace = '';
let counter = 0;
const open: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0, audit: false });
  proxy = await startFaultProxy(cluster.kubeConfig);
  direct = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
});

beforeEach(async () => {
  client = new ApiClient({ kubeConfig: proxy.kubeConfig, userAgent: 'test' });
  counter += 1;
  namespace = `ns-${counter}`;
  await direct.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

afterEach(async () => {
  proxy.clearRules();
  await Promise.all(open.splice(0).map((one) => one.stop()));
  await client.close();
});

afterAll(async () => {
  await direct?.close();
  await proxy?.stop();
  await cluster?.stop();
});

/** Watches of a minute, as in production: they do not end by themselves during a test. */
const LONG = { watchTimeoutSeconds: [50, 55], watchGraceMs: 8_000 } as const;

async function follow(objects: number): Promise<Recorded> {
  await Promise.all(
    Array.from({ length: objects }, (_, i) => direct.create(CONFIG_MAP, configMap(namespace, `cm-${i}`))),
  );
  const run = recorded(client, { namespace, timings: LONG as never });
  open.push(run.informer);
  await run.informer.synced(AbortSignal.timeout(60_000));
  return run;
}

/** The connection of every open watch dies unnoticed; new ones work. */
function stallWatches(): void {
  proxy.rule({ match: isWatch, fault: { kind: 'half-open' } }).remove();
}

/** The version of the whole server goes on, as it does all the time. */
const elsewhere = () =>
  direct.apply(CONFIG_MAP, configMap('default', 'elsewhere', { at: String(performance.now()) }), {
    fieldManager: 'test',
    force: true,
  });

describe.each([
  ['a small collection', 3, 1],
  ['a large collection', 150, 2],
])('the cache of %s', (_what, objects, requests) => {
  it(`is proved current by ${requests} requests while quiet, and keeps its watch`, async () => {
    const run = await follow(objects);
    await elsewhere();
    const mark = proxy.log.length;
    expect(await run.informer.proveCurrent(60_000)).toBe(true);
    expect(proxy.log.length - mark).toBe(requests);
    expect(run.reconnections).toEqual([]);
    expect(run.informer.size).toBe(objects);
  });

  it.each(['created', 'changed', 'deleted'])(
    'whose watch died before an object was %s is proved current once it shows that',
    async (change) => {
      const run = await follow(objects);
      stallWatches();
      if (change === 'created') await direct.create(CONFIG_MAP, configMap(namespace, 'new'));
      if (change === 'changed') await direct.mergePatch(CONFIG_MAP, namespace, 'cm-0', { data: { is: 'new' } });
      if (change === 'deleted') await direct.delete(CONFIG_MAP, namespace, 'cm-0');
      await elsewhere();
      expect(run.events).toHaveLength(objects);
      expect(await run.informer.proveCurrent(60_000)).toBe(true);
      if (change === 'created') expect(run.informer.get(namespace, 'new')).toBeDefined();
      if (change === 'changed') expect(run.informer.get(namespace, 'cm-0')?.data).toEqual({ is: 'new' });
      if (change === 'deleted') expect(run.informer.get(namespace, 'cm-0')).toBeUndefined();
      expect(run.reconnections).toMatchObject([{ cause: 'stale', relisted: false }]);
    },
  );

  it('is not proved current while its watch stays dead', async () => {
    const run = await follow(objects);
    proxy.rule({ match: (r) => isWatch(r) && r.query.get('timeoutSeconds') !== '1', fault: { kind: 'half-open' } });
    await direct.create(CONFIG_MAP, configMap(namespace, 'new'));
    expect(await run.informer.proveCurrent(3_000)).toBe(false);
  });
});

it('is not proved while the server is unreachable, or when aborted or stopped', async () => {
  const run = await follow(1);
  const rule = proxy.rule({ match: (r) => !r.watch, fault: { kind: 'black-hole' } });
  expect(await run.informer.proveCurrent(500)).toBe(false);
  expect(await run.informer.proveCurrent(60_000, AbortSignal.timeout(100))).toBe(false);
  const asked = rule.fired;
  const stopped = run.informer.proveCurrent(60_000);
  await eventually(() => rule.fired > asked, { what: 'it asks', everyMs: 5 });
  await run.informer.stop();
  expect(await stopped).toBe(false);
});

it('waits until the cache is filled', async () => {
  const rule = proxy.rule({ match: isWatch, fault: { kind: 'answer', status: 503 } });
  const run = recorded(client, { namespace });
  open.push(run.informer);
  const proved = run.informer.proveCurrent(60_000);
  await eventually(() => rule.fired > 1, { what: 'it tries to list', everyMs: 5 });
  rule.remove();
  expect(await proved).toBe(true);
  expect(run.informer.hasSynced).toBe(true);
});

it('proves all kinds of a pool, one of which is not served, and names those it could not prove', async () => {
  const pool = new InformerPool(client, createLogger('error'), [namespace], LONG as never);
  open.push(pool);
  pool.of(CONFIG_MAP);
  pool.of(WIDGET, undefined, true);
  const secrets = pool.metadataOf({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true });
  // A cache that was never filled is not proved.
  proxy.rule({ match: (r) => r.path.endsWith('/pods'), fault: { kind: 'answer', status: 403 } });
  pool.metadataOf({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });
  await pool.start(AbortSignal.timeout(60_000));
  await secrets.of(namespace)?.synced(AbortSignal.timeout(60_000));
  await elsewhere();
  expect(await pool.proveCurrent(60_000)).toEqual({ required: [], onDemand: [] });
  proxy.rule({ match: (r) => r.path.endsWith('/secrets'), fault: { kind: 'answer', status: 403 } });
  // A cache that only some decisions need is named separately.
  const { required, onDemand } = await pool.proveCurrent(5_000);
  expect(required).toEqual([]);
  expect(onDemand.map(({ type }) => type.kind)).toEqual(['Secret']);
  expect(pool.broken.map(({ type, reason }) => `${type.kind} ${reason}`)).toEqual([
    expect.stringMatching(/^Pod .*403.*Grant the verbs list and watch on pods/),
  ]);
});
