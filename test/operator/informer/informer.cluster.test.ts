import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Informer } from '../../../operator/informer/informer.ts';
import type { KubernetesObject } from '../../../operator/kubernetes-object.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { eventually } from '../../support/eventually.ts';
import {
  CONFIG_MAP,
  type ConfigMap,
  cached,
  configMap,
  contentOf,
  isResume,
  isStreamingList,
  isWatch,
  NAMESPACE,
  QUICK,
  type Recorded,
  recorded,
} from './support.ts';

let cluster: ControlPlane;
let proxy: FaultProxy;
/** Straight to the server: what a test does to the cluster. */
let direct: ApiClient;
/** Through the proxy: what the informer sees. */
let client: ApiClient;
let namespace = '';
let counter = 0;
const open: Recorded[] = [];

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
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
  await Promise.all(open.splice(0).map(({ informer }) => informer.stop()));
  await client.close();
});

afterAll(async () => {
  await direct?.close();
  await proxy?.stop();
  await cluster?.stop();
});

async function follow(options: Parameters<typeof recorded>[1] = {}): Promise<Recorded> {
  const run = recorded(client, { namespace, ...options });
  open.push(run);
  await run.informer.synced(AbortSignal.timeout(60_000));
  return run;
}

const create = (name: string, data?: Record<string, string>) =>
  direct.create(CONFIG_MAP, configMap(namespace, name, data));
const remove = (name: string) => direct.delete(CONFIG_MAP, namespace, name);
const patch = (name: string, data: Record<string, string>) =>
  direct.mergePatch<ConfigMap>(CONFIG_MAP, namespace, name, { data });

async function listed(): Promise<Map<string, string>> {
  const { items } = await direct.listAll<ConfigMap>(CONFIG_MAP, { namespace }, (object) => object);
  return contentOf(items);
}

/**
 * In the event of an object, once, the server seems to have come to a far higher version. It may come in any watch: on a busy
 * machine the one that is open may end before it.
 */
function farVersionOf(name: string): { told: boolean } {
  const far = { told: false };
  const rewrite = (line: string) => {
    if (far.told || !line.includes(`"name":"${name}"`)) return line;
    far.told = true;
    return line.replaceAll(/"resourceVersion":"\d+"/g, '"resourceVersion":"99999999"');
  };
  proxy.rule({ match: isResume, fault: { kind: 'rewrite-lines', rewrite } });
  return far;
}

/** A write, and the informer has seen it. */
async function settle({ informer }: Recorded, deadlineMs = 60_000): Promise<void> {
  const written = await direct.apply(CONFIG_MAP, configMap(namespace, 'settle', { at: String(performance.now()) }), {
    fieldManager: 'settle',
    force: true,
  });
  expect(await informer.waitFor(written.metadata?.resourceVersion ?? '', deadlineMs)).toBe(true);
}

describe('an informer on a healthy server', () => {
  it('lists, then follows additions, changes and deletions', async () => {
    await create('before');
    const run = await follow();
    expect(run.events.map((e) => [e.type, e.object.metadata?.name, e.initial])).toEqual([['ADDED', 'before', true]]);
    await create('a', { x: '0' });
    await patch('a', { x: '1' });
    await remove('a');
    await settle(run);
    expect(run.story()).toEqual(['ADDED before', 'ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED settle']);
    expect(run.events[2]?.previous?.data).toEqual({ x: '0' });
    expect(run.events[2]?.initial).toBeUndefined();
    expect(run.informer.get(namespace, 'before')?.metadata?.name).toBe('before');
    expect(run.informer.get(namespace, 'a')).toBeUndefined();
    expect(run.informer.size).toBe(2);
    expect(cached(run.informer)).toEqual(await listed());
  });

  it('reports an object that was deleted and recreated while it was disconnected as two events', async () => {
    const first = await create('a');
    const run = await follow();
    const closed = proxy.rule({ match: () => true, fault: { kind: 'cut-before' } });
    proxy.killConnections();
    await remove('a');
    const second = await create('a');
    // Its version is too old by now, as after a long outage.
    proxy.rule({ match: isResume, times: 1, fault: { kind: 'answer', status: 410 } });
    closed.remove();
    await settle(run);
    expect(run.story()).toEqual(['ADDED a', 'DELETED a', 'ADDED a', 'ADDED settle']);
    expect(run.events[1]?.object.metadata?.uid).toBe(first.metadata?.uid);
    expect(run.events[2]?.object.metadata?.uid).toBe(second.metadata?.uid);
  });

  it('delivers existing objects to a late subscriber, and isolates a handler that throws', async () => {
    await create('a');
    const run = await follow();
    const late: string[] = [];
    run.informer.subscribe(() => {
      throw new Error('handler is broken');
    });
    run.informer.subscribe((async () => {
      throw new Error('async handler is broken');
    }) as () => void);
    const end = run.informer.subscribe((event) =>
      late.push(`${event.type} ${event.object.metadata?.name} ${event.initial ?? false}`),
    );
    expect(late).toEqual(['ADDED a true']);
    await create('b');
    await settle(run);
    expect(late).toEqual(['ADDED a true', 'ADDED b false', 'ADDED settle false']);
    end();
    await remove('b');
    await settle(run);
    expect(late).toHaveLength(3);
    expect(run.log.filter((line) => line.includes('handler is broken')).length).toBeGreaterThanOrEqual(4);
  });

  it('indexes objects by their controller', async () => {
    const owner = await create('owner');
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata?.uid ?? '' };
    const owned = configMap(namespace, 'owned');
    await direct.create(CONFIG_MAP, {
      ...owned,
      metadata: { ...owned.metadata, ownerReferences: [{ ...reference, controller: true }] },
    });
    const mere = configMap(namespace, 'mere');
    await direct.create(CONFIG_MAP, { ...mere, metadata: { ...mere.metadata, ownerReferences: [reference] } });
    const run = await follow();
    expect(run.informer.ownedBy(reference.uid).map((o) => o.metadata?.name)).toEqual(['owned']);
    await remove('owned');
    await settle(run);
    expect(run.informer.ownedBy(reference.uid)).toEqual([]);
  });

  it('keeps only what it is configured to keep: a selection, metadata alone, a transformed object', async () => {
    await direct.apply(
      CONFIG_MAP,
      { ...configMap(namespace, 'a', { big: 'x' }), metadata: { namespace, name: 'a', labels: { in: 'yes' } } },
      { fieldManager: 'f' },
    );
    await create('b');
    const selected = await follow({ labelSelector: 'in=yes' });
    expect(selected.story()).toEqual(['ADDED a']);
    expect(selected.informer.list()[0]?.metadata?.managedFields).toBeUndefined();
    const metadata = await follow({ metadataOnly: true });
    expect(metadata.informer.size).toBe(2);
    expect(metadata.informer.get(namespace, 'a')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(metadata.informer.get(namespace, 'a')).not.toHaveProperty('data');
    const transformed = await follow({ transform: (object) => ({ ...object, data: { only: 'this' } }) });
    expect(transformed.informer.get(namespace, 'a')?.data).toEqual({ only: 'this' });
    // Out of the selection is deleted as far as this informer goes.
    await direct.mergePatch(CONFIG_MAP, namespace, 'a', { metadata: { labels: { in: 'no' } } });
    await eventually(() => selected.informer.size === 0, { what: 'a is out', everyMs: 5 });
  });

  it('waits for a version: seen already, seen later, never seen', async () => {
    const run = await follow();
    const written = await create('a');
    const version = written.metadata?.resourceVersion ?? '';
    expect(await run.informer.waitFor(version, 30_000)).toBe(true);
    expect(run.informer.get(namespace, 'a')).toBeDefined();
    expect(await run.informer.waitFor(`${version}0`, 50)).toBe(false);
    const never = run.informer.waitFor(`${version}0`, 60_000);
    await run.informer.stop();
    expect(await never).toBe(false);
  });

  it('advances its version by bookmarks', async () => {
    let promised = 0n;
    proxy.rule({
      match: isWatch,
      fault: {
        kind: 'rewrite-lines',
        rewrite(line) {
          const version = /"resourceVersion":"(\d+)"/.exec(line)?.[1];
          if (!line.includes('"name":"a"') || version === undefined) return line;
          promised = BigInt(version) + 1_000n;
          return [
            line,
            JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(promised) } } }),
          ];
        },
      },
    });
    const run = await follow();
    await create('a');
    await eventually(() => promised !== 0n, { what: 'the event', everyMs: 5 });
    expect(await run.informer.waitFor(String(promised), 30_000)).toBe(true);
    // At once: a version that the server has not reached is found out when the informer hears from it again.
    expect(run.informer.lastResourceVersion).toBe(String(promised));
    expect(await run.informer.waitFor(String(promised + 1n), 50)).toBe(false);
    expect(run.story()).toEqual(['ADDED a']);
  });

  it('rejects synced() when stopped before, and stops while its server is down', async () => {
    proxy.rule({ match: () => true, fault: { kind: 'black-hole' } });
    const run = recorded(client, { namespace });
    const synced = run.informer.synced();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();
    await run.informer.stop();
    expect(performance.now() - started).toBeLessThan(QUICK.connectTimeoutMs);
    await expect(synced).rejects.toThrow('was stopped');
    await expect(new Informer({ client, type: CONFIG_MAP }).synced(AbortSignal.timeout(10))).rejects.toThrow();
  });

  it('follows a quiet collection without listing again, and reopens its watch without a pause', async () => {
    await create('a');
    // A pause would take 0.75 s at least.
    const run = await follow({ timings: { watchTimeoutSeconds: [2, 2], backoffMs: [1_500, 60_000] } });
    const mark = proxy.log.length;
    // The first watch ends after an event, the others after silence.
    await create('b');
    await eventually(() => run.reconnections.length >= 3, { what: 'reopened watches', everyMs: 5 });
    console.log(`blind gaps of healthy reopenings: ${run.reconnections.map((r) => r.gapMs.toFixed(1)).join(', ')} ms`);
    // A busy machine may delay some of them; a pause would delay all.
    expect(Math.min(...run.reconnections.map(({ gapMs }) => gapMs))).toBeLessThan(500);
    for (const { relisted } of run.reconnections) expect(relisted).toBe(false);
    expect(run.story()).toEqual(['ADDED a', 'ADDED b']);
    const lists = proxy.log
      .slice(mark)
      .filter((request) => isStreamingList(request) || !(request.watch || request.query.get('limit') === '1'));
    expect(lists).toEqual([]);
  });
});

describe('an informer recovers from', () => {
  it('410 as an HTTP status', async () => {
    await create('a');
    const run = await follow();
    const rule = proxy.rule({ match: isResume, times: 1, fault: { kind: 'answer', status: 410 } });
    proxy.killConnections();
    await remove('a');
    await settle(run);
    expect(rule.fired).toBe(1);
    expect(run.story()).toEqual(['ADDED a', 'DELETED a', 'ADDED settle']);
    expect(run.reconnections.at(-1)?.relisted).toBe(true);
  });

  it('410 as an event in the stream', async () => {
    const run = await follow();
    const gone = {
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' },
    };
    proxy.rule({ match: isResume, times: 1, fault: { kind: 'rewrite-lines', rewrite: () => JSON.stringify(gone) } });
    proxy.killConnections();
    await eventually(() => run.reconnections.length === 1, { what: 'reopened', everyMs: 5 });
    await create('a');
    await eventually(() => run.reconnections.length === 2, { what: 'relisted', everyMs: 5 });
    expect(run.reconnections[1]?.relisted).toBe(true);
    await settle(run);
    expect(run.story()).toEqual(['ADDED a', 'ADDED settle']);
  });

  it('a corrupt line that hid a deletion', async () => {
    await create('a');
    proxy.rule({
      match: isWatch,
      times: 1,
      fault: { kind: 'rewrite-lines', rewrite: (line) => (line.includes('DELETED') ? line.slice(0, 40) : line) },
    });
    const run = await follow();
    await remove('a');
    await eventually(() => run.story().includes('DELETED a'), { what: 'the deletion', everyMs: 5 });
    await settle(run);
    expect(run.reconnections).toHaveLength(1);
    expect(run.reconnections[0]).toMatchObject({ relisted: true });
    expect(cached(run.informer)).toEqual(await listed());
  });

  it('a silent stall', async () => {
    // The two lines of the list get through; then the connection stays open and says nothing.
    await create('a');
    const rule = proxy.rule({ match: isWatch, times: 1, fault: { kind: 'stall-after-lines', lines: 2 } });
    const run = await follow({ timings: { watchTimeoutSeconds: [1, 1], watchGraceMs: 500 } });
    const started = performance.now();
    await create('b');
    await eventually(() => run.informer.get(namespace, 'b') !== undefined, {
      what: 'the missed object',
      everyMs: 5,
    });
    expect(rule.fired).toBe(1);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('repeated connection resets in mid-stream', async () => {
    proxy.rule({ match: isResume, times: 5, fault: { kind: 'cut-after-lines', lines: 1 } });
    const run = await follow();
    proxy.killConnections();
    for (let i = 0; i < 10; i++) {
      await create(`cm-${i}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await settle(run);
    expect(new Set(run.story())).toEqual(
      new Set([...Array.from({ length: 10 }, (_, i) => `ADDED cm-${i}`), 'ADDED settle']),
    );
    expect(run.events).toHaveLength(11);
    expect(cached(run.informer)).toEqual(await listed());
  });

  it('a watch that ends without an event or a bookmark', async () => {
    await create('a');
    const run = await follow();
    const rule = proxy.rule({ match: isResume, times: 1, fault: { kind: 'end-after-ms', ms: 300, silent: true } });
    const mark = proxy.log.length;
    proxy.killConnections();
    await eventually(() => rule.fired === 1, { what: 'the silent watch is open', everyMs: 5 });
    await remove('a');
    await settle(run);
    expect(run.story()).toEqual(['ADDED a', 'DELETED a', 'ADDED settle']);
    expect(run.reconnections.map((r) => r.relisted)).toContain(true);
    // A failure came before the silence, so the history may be another one: it listed again.
    expect(proxy.log.slice(mark).filter(isStreamingList)).toHaveLength(1);
  });

  it('watches that end at once, without a busy loop', async () => {
    const run = await follow();
    const rule = proxy.rule({ match: isWatch, fault: { kind: 'end-after-ms', ms: 0, silent: true } });
    proxy.killConnections();
    const started = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await eventually(() => rule.fired > 3, { what: 'some watches', everyMs: 5 });
    const seconds = (performance.now() - started) / 1_000;
    console.log(`watches opened in ${seconds} s against a server that ends them at once: ${rule.fired}`);
    expect(rule.fired / seconds).toBeLessThan(27);
    rule.remove();
    await settle(run);
  });

  it('a server that answers 500, 429 or not at all', async () => {
    const run = await follow({ timings: { connectTimeoutMs: 2_000 } });
    proxy.rule({ match: isWatch, times: 2, fault: { kind: 'answer', status: 500 } });
    proxy.rule({ match: isWatch, times: 2, fault: { kind: 'answer', status: 429, headers: { 'retry-after': '1' } } });
    proxy.rule({ match: isWatch, times: 1, fault: { kind: 'black-hole' } });
    const started = performance.now();
    proxy.killConnections();
    await create('a');
    await eventually(() => run.informer.get(namespace, 'a') !== undefined, {
      what: 'the object',
      everyMs: 5,
    });
    // Twice asked to wait for a second.
    expect(performance.now() - started).toBeGreaterThan(2_000);
    await settle(run);
  });

  it.each([401, 403, 404])('a lasting %i, which it logs once with a remedy', async (status) => {
    const rule = proxy.rule({ match: () => true, fault: { kind: 'answer', status } });
    const run = recorded(client, { namespace });
    open.push(run);
    await eventually(() => rule.fired > 5, { what: 'some attempts', everyMs: 5 });
    expect(run.informer.hasSynced).toBe(false);
    const warnings = run.log.filter((line) => line.startsWith('warn'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      { 401: /check the kubeconfig/, 403: /Grant the verbs list and watch on configmaps/, 404: /install its CRD/ }[
        status
      ] as RegExp,
    );
    rule.remove();
    await run.informer.synced();
    expect(run.log.filter((line) => line.startsWith('info') && line.includes('Watch restored'))).toHaveLength(1);
  });

  it.each([400, 422])('refused streaming lists (%i), which it does not try again', async (status) => {
    await create('a');
    const rule = proxy.rule({ match: isStreamingList, fault: { kind: 'answer', status } });
    const run = await follow();
    expect(run.story()).toEqual(['ADDED a']);
    expect(run.informer.get(namespace, 'a')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    proxy.rule({ match: isResume, times: 1, fault: { kind: 'answer', status: 410 } });
    proxy.killConnections();
    await remove('a');
    await settle(run);
    expect(rule.fired).toBe(1);
    expect(run.log.filter((line) => line.startsWith('warn') && line.includes('refuse'))).toEqual([]);
  });

  it('a server that ignores the request for a streaming list', async () => {
    await create('a');
    const noEnd = (line: string) => (line.includes('initial-events-end') ? null : line);
    proxy.rule({ match: isStreamingList, fault: { kind: 'rewrite-lines', rewrite: noEnd } });
    const started = performance.now();
    const run = await follow({ timings: { listTimeoutMs: 500 } });
    expect(performance.now() - started).toBeLessThan(10_000);
    await settle(run);
    expect(run.story()).toEqual(['ADDED a', 'ADDED settle']);
  });

  it('a list that expires between its pages', async () => {
    proxy.rule({ match: isStreamingList, fault: { kind: 'answer', status: 400 } });
    const mark = proxy.log.length;
    const expired = proxy.rule({
      match: (request) => !request.watch && proxy.log.length - mark === 2,
      times: 1,
      fault: { kind: 'answer', status: 410 },
    });
    await create('a');
    const run = await follow();
    expect(expired.fired).toBe(1);
    expect(run.story()).toEqual(['ADDED a']);
  });

  it('an event of an unknown type', async () => {
    const strange = JSON.stringify({ type: 'SURPRISE', object: { metadata: { name: 'x', resourceVersion: '1' } } });
    proxy.rule({ match: isResume, times: 1, fault: { kind: 'rewrite-lines', rewrite: (line) => [strange, line] } });
    const run = await follow();
    proxy.killConnections();
    await eventually(() => run.reconnections.length === 1, { what: 'reopened', everyMs: 5 });
    await create('a');
    await settle(run);
    expect(run.story()).toEqual(['ADDED a', 'ADDED settle']);
    expect(run.reconnections).toHaveLength(1);
    expect(run.log.filter((line) => line.includes('unknown type'))).toHaveLength(1);
  });

  it('a history that went back: detected before the next watch is opened', async () => {
    await create('a');
    const run = await follow();
    const real = run.informer.lastResourceVersion ?? '';
    // To the informer the server seems to have come to a far higher version: as if it had been restored from a backup since.
    const far = farVersionOf('b');
    proxy.killConnections();
    await eventually(() => run.reconnections.length === 1, { what: 'reopened', everyMs: 5 });
    await create('b');
    await eventually(() => far.told && run.story().includes('ADDED b'), { what: 'the far version', everyMs: 5 });
    const away = proxy.rule({ match: () => true, fault: { kind: 'cut-before' } });
    proxy.killConnections();
    await remove('a');
    away.remove();
    await eventually(() => run.story().includes('DELETED a'), { what: 'the deletion', everyMs: 5 });
    expect(run.log.some((line) => line.includes('went back from'))).toBe(true);
    expect(BigInt(run.informer.lastResourceVersion ?? 0)).toBeGreaterThan(BigInt(real));
    expect(BigInt(run.informer.lastResourceVersion ?? 0)).toBeLessThan(99_999_999n);
    await settle(run);
    expect(cached(run.informer)).toEqual(await listed());
  });

  it('a history that went back: detected by the silence of a watch from a future version', async () => {
    await create('a');
    const run = await follow({ timings: { watchTimeoutSeconds: [1, 1] } });
    const far = farVersionOf('b');
    await eventually(() => run.reconnections.length >= 1, { what: 'reopened', everyMs: 5 });
    await create('b');
    await eventually(() => far.told && run.story().includes('ADDED b'), { what: 'the far version', everyMs: 5 });
    const reopened = run.reconnections.length;
    await eventually(() => run.reconnections.length > reopened, { what: 'reopened there', everyMs: 5 });
    await remove('a');
    await eventually(() => run.story().includes('DELETED a'), { what: 'the deletion', everyMs: 5 });
    await settle(run);
    expect(cached(run.informer)).toEqual(await listed());
  });

  it('large objects, and characters split anywhere', async () => {
    proxy.rule({ match: isWatch, fault: { kind: 'chop', bytes: 997 } });
    const run = await follow();
    // The limit of etcd is 1.5 MB, of ConfigMap data 1 MiB; labels and annotations of 256 KiB fill the rest.
    await create('big', { text: 'aé€😀'.repeat(100_000) });
    await create('small', { text: 'Ünïcödé 😀' });
    await settle(run);
    expect(run.informer.get(namespace, 'big')?.data?.text).toBe('aé€😀'.repeat(100_000));
    expect(cached(run.informer)).toEqual(await listed());
  });

  it('a killed and restarted real server', async () => {
    await create('a');
    const run = recorded(direct, { namespace });
    open.push(run);
    await run.informer.synced();
    await cluster.killApiServer();
    await eventually(() => run.log.some((line) => line.startsWith('warn')), {
      what: 'a complaint',
      everyMs: 5,
    });
    await cluster.startApiServer();
    await remove('a');
    await settle(run);
    expect(run.story()).toEqual(['ADDED a', 'DELETED a', 'ADDED settle']);
    expect(run.log.filter((line) => line.startsWith('warn')).length).toBeLessThanOrEqual(3);
    expect(cached(run.informer)).toEqual(await listed());
  });

  it('a CRD that is not installed yet', async () => {
    const type = { group: 'example.dev', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true };
    const informer = new Informer<KubernetesObject>({ client, type, timings: QUICK });
    informer.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(informer.hasSynced).toBe(false);
    const crd = {
      group: 'apiextensions.k8s.io',
      version: 'v1',
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      namespaced: false,
    };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await direct.create(crd, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.dev' },
      spec: {
        group: 'example.dev',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    } as KubernetesObject);
    await informer.synced(AbortSignal.timeout(60_000));
    const widget = await direct.create<KubernetesObject>(type, {
      apiVersion: 'example.dev/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace },
    });
    expect(await informer.waitFor(widget.metadata?.resourceVersion as string, 30_000)).toBe(true);
    expect(informer.get(namespace, 'w')).toMatchObject({ apiVersion: 'example.dev/v1', kind: 'Widget' });
    await informer.stop();
  });
});
