import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../../operator/index.ts';
import { ServerHistory } from '../../../operator/informer/server-history.ts';
import type { KubernetesObject, StoredObject } from '../../../operator/kubernetes-object.ts';
import { PendingWrites } from '../../../operator/reconcile/pending-writes.ts';
import { InformerPool } from '../../../operator/runtime/informer-pool.ts';
import { References } from '../../../operator/runtime/references.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { eventually } from '../../support/eventually.ts';
import { CONFIG_MAP, configMap, isWatch, NAMESPACE, QUICK, type Recorded, recorded } from './support.ts';

/** What is tied to resourceVersions when etcd is restored from a backup. */

const SECRET = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

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
  await proxy.open();
  proxy.clearRules();
  await Promise.all(open.splice(0).map((one) => one.stop()));
  await client.close();
});

afterAll(async () => {
  await direct?.close();
  await proxy?.stop();
  await cluster?.stop();
});

const secret = (name: string, value: string) =>
  ({ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData: { value } }) as KubernetesObject;
const versionOf = (object: KubernetesObject) => object.metadata?.resourceVersion as string;

/** A busy kind and a quiet one, which share a history. */
async function followTwo(): Promise<{ history: ServerHistory; busy: Recorded; quiet: Recorded; reasons: string[] }> {
  const history = new ServerHistory();
  const reasons: string[] = [];
  history.subscribe(({ by, reason }) => reasons.push(`${by}: ${reason}`));
  const busy = recorded(client, { namespace, history });
  const quiet = recorded(client, { namespace, history, type: SECRET });
  open.push(busy.informer, quiet.informer);
  await Promise.all([busy, quiet].map(({ informer }) => informer.synced(AbortSignal.timeout(60_000))));
  return { history, busy, quiet, reasons };
}

const names = ({ informer }: Recorded) =>
  informer
    .list()
    .map(({ metadata }) => metadata?.name)
    .sort();

async function follows({ informer }: Recorded, write: () => Promise<KubernetesObject>): Promise<void> {
  expect(await informer.waitFor(versionOf(await write()), 60_000)).toBe(true);
}

describe('D11: a restore of etcd', () => {
  it('to an earlier version: every kind lists again once, also the one that cannot notice', async () => {
    await direct.create(SECRET, secret('before', '1'));
    const { busy, quiet, reasons, history } = await followTwo();
    const snapshot = await cluster.snapshot();
    await follows(busy, () => direct.create(CONFIG_MAP, configMap(namespace, 'lost')));
    await cluster.raiseRevision(snapshot.revision + 500n);
    await follows(busy, () => direct.create(CONFIG_MAP, configMap(namespace, 'lost-2')));
    await proxy.close();
    await cluster.restore(snapshot);
    await proxy.open();
    await eventually(() => busy.informer.epoch === 2 && quiet.informer.epoch === 2, {
      what: 'both are of the new history',
      everyMs: 5,
    });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^configmaps in namespace/);
    expect(names(busy)).toEqual([]);
    expect(names(quiet)).toEqual(['before']);
    await follows(busy, () => direct.create(CONFIG_MAP, configMap(namespace, 'now')));
    await follows(quiet, () => direct.create(SECRET, secret('now', '1')));
    expect(history.epoch).toBe(2);
    expect(quiet.story()).toEqual(['ADDED before', 'ADDED now']);
  });

  it('that has already passed our version: detected by an object that differs', async () => {
    await direct.create(SECRET, secret('gone', '1'));
    await direct.create(SECRET, secret('still', '1'));
    const { busy, quiet, reasons } = await followTwo();
    await direct.create(CONFIG_MAP, configMap(namespace, 'kept'));
    const snapshot = await cluster.snapshot();
    await cluster.raiseRevision(snapshot.revision + 500n);
    await follows(busy, () => direct.mergePatch(CONFIG_MAP, namespace, 'kept', { data: { in: 'the lost history' } }));
    // Of this kind nothing but a deletion is lost: its newest object is as it was, so it cannot notice by itself.
    await direct.delete(SECRET, namespace, 'gone');
    await eventually(() => names(quiet).join() === 'still', { what: 'the deletion', everyMs: 5 });
    const known = await cluster.revision();
    await proxy.close();
    await cluster.restore(snapshot);
    // At a version that the quiet kind's watch has passed.
    const hidden = await direct.create(SECRET, secret('hidden', '1'));
    expect(BigInt(versionOf(hidden))).toBeLessThan(BigInt(quiet.informer.lastResourceVersion ?? 0));
    await cluster.raiseRevision(known + 100n);
    await proxy.open();
    await eventually(() => busy.informer.epoch === 2 && quiet.informer.epoch === 2, {
      what: 'both are of the new history',
      everyMs: 5,
    });
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/^configmaps in .* (went back from resourceVersion|differs from the cached .*kept)/);
    expect(busy.informer.get(namespace, 'kept')?.data).toBeUndefined();
    expect(names(quiet)).toEqual(['gone', 'hidden', 'still']);
  });

  it('that has already passed our version: detected by a missing object and by an unexpected one', async () => {
    for (const lost of [true, false]) {
      const { busy, reasons } = await followTwo();
      const snapshot = await cluster.snapshot();
      if (lost) await follows(busy, () => direct.create(CONFIG_MAP, configMap(namespace, 'lost')));
      const known = await cluster.revision();
      await proxy.close();
      await cluster.restore(snapshot);
      if (!lost) await direct.create(CONFIG_MAP, configMap(namespace, 'other'));
      await cluster.raiseRevision(known + 100n);
      await proxy.open();
      if (lost) {
        await eventually(() => busy.informer.epoch === 2, {
          what: 'it is of the new history',
          everyMs: 5,
        });
        expect(reasons[0]).toMatch(/differs from the cached .*lost/);
        expect(names(busy)).toEqual([]);
      } else {
        await eventually(() => names(busy).includes('other'), {
          what: 'the object of the new history',
          everyMs: 5,
        });
      }
      await Promise.all(open.splice(0).map((one) => one.stop()));
      await direct.delete(CONFIG_MAP, namespace, 'other').catch(() => {});
    }
  });

  it('an API server that was only down: nothing is listed again, whatever was written meanwhile', async () => {
    const { busy, quiet, reasons } = await followTwo();
    await follows(busy, () => direct.create(CONFIG_MAP, configMap(namespace, 'a')));
    await follows(quiet, () => direct.create(SECRET, secret('b', '1')));
    await proxy.close();
    await direct.mergePatch(CONFIG_MAP, namespace, 'a', { data: { x: '1' } });
    await direct.delete(SECRET, namespace, 'b');
    const mark = proxy.log.length;
    await proxy.open();
    await eventually(() => names(quiet).length === 0 && busy.story().includes('MODIFIED a'), {
      what: 'what was missed',
      everyMs: 5,
    });
    const requests = proxy.log.slice(mark).filter(({ query }) => query.has('sendInitialEvents'));
    expect(requests).toEqual([]);
    expect(reasons).toEqual([]);
    // Two small requests each, at most.
    expect(proxy.log.slice(mark).filter(({ watch }) => !watch).length).toBeLessThanOrEqual(4);
  });
});

describe('data that belongs to a history', () => {
  const pool = () => {
    const made = new InformerPool(client, createLogger('error'), [namespace], QUICK);
    open.push(made);
    return made;
  };

  it('digests of references: follow the content of the restored Secret, and its next change', async () => {
    await direct.create(SECRET, secret('s', 'restored'));
    const snapshot = await cluster.snapshot();
    const changed: string[] = [];
    const informers = pool();
    const references = new References(client, informers, (key) => changed.push(key));
    const named = [{ apiVersion: 'v1', kind: 'Secret', name: 's', field: 'x' }] as never;
    const hash = async (): Promise<string | undefined> => {
      await eventually(() => references.unsynced('k', namespace, named) === undefined, {
        what: 'the cache',
        everyMs: 5,
      });
      const { resolved } = await references.resolve('k', namespace, named, AbortSignal.timeout(60_000));
      return (resolved[0] as { hash?: string }).hash;
    };
    const first = await hash();
    await cluster.raiseRevision(snapshot.revision + 200n);
    await direct.mergePatch(SECRET, namespace, 's', { stringData: { value: 'lost' } });
    await eventually(() => changed.length > 0, { what: 'the change', everyMs: 5 });
    const lost = await hash();
    expect(lost).not.toBe(first);

    await proxy.close();
    await cluster.restore(snapshot);
    changed.length = 0;
    await proxy.open();
    await eventually(() => informers.history.epoch === 2, { what: 'the restore', everyMs: 5 });
    await eventually(() => changed.includes('k'), {
      what: 'the Secret of the restored history',
      everyMs: 5,
    });
    expect(await hash()).toBe(first);
    changed.length = 0;
    await direct.mergePatch(SECRET, namespace, 's', { stringData: { value: 'after' } });
    await eventually(() => changed.includes('k'), { what: 'its next change', everyMs: 5 });
    expect([first, lost]).not.toContain(await hash());
  });

  it('own writes that were never seen: are not waited for in another history', async () => {
    const snapshot = await cluster.snapshot();
    await cluster.raiseRevision(snapshot.revision + 200n);
    const informers = pool();
    const informer = informers.of(CONFIG_MAP).of(namespace);
    await informers.start(AbortSignal.timeout(60_000));
    const writes = new PendingWrites();
    proxy.rule({ match: isWatch, fault: { kind: 'half-open' } });
    const written = (await direct.create(CONFIG_MAP, configMap(namespace, 'lost'))) as StoredObject;
    writes.wrote('k', informer, written);
    const wait = writes.missing('k');
    expect(wait?.what).toBe(`the cache of configmaps to show version ${versionOf(written)}`);
    let woken = 0;
    wait?.subscribe(() => {
      woken += 1;
    });

    await proxy.close();
    proxy.clearRules();
    await cluster.restore(snapshot);
    let pausedWhile = '';
    informers.history.subscribe(() => {
      // The report comes first: until the cache is listed again there is something to wait for, and the pool is not current.
      pausedWhile = `${informers.isCurrent} ${writes.missing('k') !== undefined} ${woken}`;
    });
    await proxy.open();
    await eventually(() => woken === 1, { what: 'the wait is over', everyMs: 5 });
    expect(pausedWhile).toBe('false true 0');
    expect(writes.missing('k')).toBeUndefined();
    await informers.relisted(2);
    expect(informers.isCurrent).toBe(true);
    expect(BigInt(informer?.lastResourceVersion ?? 0)).toBeLessThan(BigInt(versionOf(written)));
  });
});
