import { describe, expect, it } from 'vitest';
import { createLogger, type KubernetesObject, type StoredObject } from '../../../operator/index.ts';
import type { InformerEvent } from '../../../operator/informer/informer-event.ts';
import { KindCache } from '../../../operator/informer/kind-cache.ts';
import { PendingWrites } from '../../../operator/reconcile/pending-writes.ts';
import { collectionName, InformerPool } from '../../../operator/runtime/informer-pool.ts';
import { References } from '../../../operator/runtime/references.ts';
import { servedNamespaces } from '../../../operator/runtime/served-namespaces.ts';
import { ApiError } from '../../../operator/transport/api-error.ts';
import { eventually } from '../../support/eventually.ts';
import { type Asked, fakeClient, initialEvents } from './fake-client.ts';
import { CONFIG_MAP, QUICK } from './support.ts';

const OWNER = { apiVersion: 'v1', kind: 'Owner', name: 'o', uid: 'owner', controller: true };

function object(namespace: string, name: string, resourceVersion: string): StoredObject {
  return {
    metadata: { namespace, name, uid: `${namespace}-${name}`, resourceVersion, ownerReferences: [OWNER] },
  } as StoredObject;
}

/** A server with one object in each of its namespaces, which refuses what a namespace has no rights for. */
function server(refused = new Set<string>()) {
  const queued = new Map<string, object[]>();
  const wakes = new Map<string, () => void>();
  const { client, asked } = fakeClient({
    stream: async function* ({ path }: Asked) {
      const namespace = /namespaces\/([^/]+)/.exec(path)?.[1] ?? '';
      if (refused.has(namespace)) throw new ApiError({ status: 403, method: 'GET', path });
      yield* initialEvents('10', object(namespace || 'all', 'x', '9') as KubernetesObject);
      for (;;) {
        yield* queued.get(namespace)?.splice(0) ?? [];
        await new Promise<void>((resolve) => wakes.set(namespace, resolve));
      }
    },
  });
  const push = (namespace: string, event: object) => {
    queued.set(namespace, [...(queued.get(namespace) ?? []), event]);
    wakes.get(namespace)?.();
  };
  return { client, asked, push };
}

function pool(client: ReturnType<typeof server>['client'], ...names: string[]) {
  return new InformerPool(client, createLogger('error'), servedNamespaces('test', names), QUICK);
}

const paths = (asked: Asked[]) => asked.map(({ path }) => path).sort();
const names = (objects: StoredObject[]) => objects.map(({ metadata }) => metadata.namespace).sort();

describe('the cache of a kind in two namespaces', () => {
  it('has one stream for each namespace and shows the objects of both', async () => {
    const { client, asked, push } = server();
    const informers = pool(client, 'a', 'b', 'a');
    const cache = informers.of(CONFIG_MAP);
    const index = cache.index(({ metadata }) => metadata.name);
    const events: InformerEvent<StoredObject>[] = [];
    cache.subscribe((event) => void events.push(event));
    await informers.start(AbortSignal.timeout(60_000));
    expect(paths(asked)).toEqual(['/api/v1/namespaces/a/configmaps', '/api/v1/namespaces/b/configmaps']);
    expect(names(cache.list())).toEqual(['a', 'b']);
    expect(names(cache.ownedBy('owner'))).toEqual(['a', 'b']);
    expect(names(index.get('x'))).toEqual(['a', 'b']);
    expect(events.map(({ initial }) => initial)).toEqual([true, true]);
    expect(cache.get('b', 'x')?.metadata.uid).toBe('b-x');
    expect(cache.get('c', 'x')).toBeUndefined();

    push('b', { type: 'DELETED', object: object('b', 'x', '11') });
    await eventually(() => events.length === 3, { what: 'the deletion', everyMs: 5 });
    expect(names(cache.list())).toEqual(['a']);
    expect(names(index.get('x'))).toEqual(['a']);
    await informers.stop();
  });

  it('waits for an own write in the namespace of the object, whatever the other has seen', async () => {
    const { client, push } = server();
    const informers = pool(client, 'a', 'b');
    const cache = informers.of(CONFIG_MAP);
    await informers.start(AbortSignal.timeout(60_000));
    const writes = new PendingWrites();
    const written = object('a', 'x', '15');
    writes.wrote('k', cache.of('a'), written);
    writes.deleted('k', cache.of('b'), object('b', 'x', '9'));
    push('b', { type: 'MODIFIED', object: { ...object('b', 'x', '20') } });
    await eventually(() => cache.of('b')?.hasSeen('20') === true, { what: 'the event', everyMs: 5 });
    expect(writes.missing('k')?.what).toBe('the cache of configmaps to show version 15');
    push('a', { type: 'MODIFIED', object: written });
    await eventually(() => cache.of('a')?.hasSeen('15') === true, { what: 'the event', everyMs: 5 });
    expect(writes.missing('k')?.what).toBe('the cache of configmaps to show that b/x is deleted');
    push('b', { type: 'DELETED', object: object('b', 'x', '21') });
    await eventually(() => writes.missing('k') === undefined, { what: 'the deletion', everyMs: 5 });
    // No cache will show it, so nothing waits for it.
    writes.wrote('k', cache.of('c'), object('c', 'x', '30'));
    expect(writes.missing('k')).toBeUndefined();
    await informers.stop();
  });

  it('is not filled while one namespace has no rights; the other is usable, and the trouble names the namespace', async () => {
    const refused = new Set(['b']);
    const { client } = server(refused);
    const informers = pool(client, 'a', 'b');
    const cache = informers.of(CONFIG_MAP);
    const started = informers.start(AbortSignal.timeout(60_000));
    await eventually(() => informers.broken.length === 1 && cache.list().length === 1, { what: 'trouble', everyMs: 5 });
    expect(informers.hasSynced).toBe(false);
    const [broken] = informers.broken;
    expect(broken && collectionName(broken)).toBe('configmaps in namespace b');
    expect(broken?.reason).toContain('Grant the verbs list and watch on configmaps in namespace b');
    refused.clear();
    await started;
    expect(informers.hasSynced).toBe(true);
    expect(informers.broken).toEqual([]);
    await informers.stop();
  });

  it('references in one namespace do not wait for the other, and a namespace that is not served is never asked for', async () => {
    const { client, asked } = server(new Set(['b']));
    const informers = pool(client, 'a', 'b');
    const references = new References(client, informers, () => {});
    const secret = { apiVersion: 'v1', kind: 'Secret', name: 's' };
    const unsynced = (namespace: string) => references.unsynced(`${namespace}/k`, namespace, [secret]);
    await eventually(() => unsynced('a') === undefined, { what: 'the cache of a', everyMs: 5 });
    await eventually(() => unsynced('b')?.what.includes('403') === true, { what: 'trouble', everyMs: 5 });
    expect(() => unsynced('c')).toThrow(
      'reference to Secret c/s rejected: this operator does not serve namespace c; add it to the operator',
    );
    expect([...new Set(paths(asked))]).toEqual(['/api/v1/namespaces/a/secrets', '/api/v1/namespaces/b/secrets']);
    await informers.stop();
  });
});

describe('the cache of everything', () => {
  it.each([
    ['all namespaces', { ...CONFIG_MAP }, [], '/api/v1/configmaps'],
    ['a cluster-scoped kind', { ...CONFIG_MAP, namespaced: false }, ['a', 'b'], '/api/v1/configmaps'],
    ['one namespace', { ...CONFIG_MAP }, ['a'], '/api/v1/namespaces/a/configmaps'],
  ])('of %s has one stream', async (_, type, namespaces, path) => {
    const { client, asked } = server();
    const informers = pool(client, ...namespaces);
    const cache = informers.of(type);
    await informers.start(AbortSignal.timeout(60_000));
    expect(paths(asked)).toEqual([path]);
    expect(cache.list()).toHaveLength(1);
    expect(cache.of('a')).toBe(cache.informers[0]);
    await informers.stop();
  });
});

describe('an optional kind', () => {
  it('is served in a namespace or not, without one in all; each change is reported', () => {
    const handlers: (() => void)[] = [];
    const part = (namespace: string, served: boolean) =>
      ({ namespace, served, onServed: (handler: () => void) => handlers.push(handler) }) as never;
    const cache = new KindCache(CONFIG_MAP, [part('a', true), part('b', false)]);
    expect(['a', 'b', undefined].map((namespace) => cache.isServed(namespace))).toEqual([true, false, false]);
    let calls = 0;
    cache.onServed(() => {
      calls += 1;
    });
    for (const handler of handlers) handler();
    expect(calls).toBe(2);
  });
});

describe('the namespaces of the options', () => {
  it('count once each, and none means all', () => {
    expect(servedNamespaces('o', ['b', 'a', 'b'])).toEqual(['b', 'a']);
    expect(servedNamespaces('o', [])).toEqual([undefined]);
    expect(servedNamespaces('o')).toEqual([undefined]);
  });

  it.each(['', 'A', 'a.b', '*', 'a,b', '-a', 'a'.repeat(64)])('%j is refused', (name) => {
    expect(() => servedNamespaces('o', ['ok', name])).toThrow(
      `Operator o: namespaces: "${name}" is not the name of a namespace`,
    );
  });
});
