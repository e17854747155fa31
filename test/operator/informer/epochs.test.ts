import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../operator/index.ts';
import { checkHistory } from '../../../operator/informer/history-check.ts';
import { Informer } from '../../../operator/informer/informer.ts';
import { ListWatch } from '../../../operator/informer/list-watch.ts';
import type { ListWatchItem } from '../../../operator/informer/list-watch-options.ts';
import { ServerHistory } from '../../../operator/informer/server-history.ts';
import type { KubernetesObject, StoredObject } from '../../../operator/kubernetes-object.ts';
import { silentLogger } from '../../../operator/log/logger.ts';
import { PendingWrites } from '../../../operator/reconcile/pending-writes.ts';
import { InformerPool } from '../../../operator/runtime/informer-pool.ts';
import { References } from '../../../operator/runtime/references.ts';
import { ApiError } from '../../../operator/transport/api-error.ts';
import { eventually } from '../../support/eventually.ts';
import { type Answers, fakeClient, initialEvents, stored } from './fake-client.ts';
import { CONFIG_MAP, QUICK } from './support.ts';

/** Behaviour around the moment in which a changed server history is detected. */

const refused = (status: number) => new ApiError({ status, method: 'GET', path: '/x' });

function follow(answers: Answers, known: KubernetesObject[] = []) {
  const history = new ServerHistory();
  const stopping = new AbortController();
  const { client, asked } = fakeClient(answers);
  const items = new ListWatch<KubernetesObject>({
    client,
    type: CONFIG_MAP,
    metadataOnly: false,
    optional: false,
    transform: (object) => object,
    known: () => new Map(known.map((object) => [`n/${object.metadata?.name}`, object])),
    history,
    timings: QUICK,
    logger: silentLogger,
    signal: stopping.signal,
  }).run();
  return { history, items, asked, stop: () => stopping.abort(new Error('over')) };
}

const brief = (item: ListWatchItem<KubernetesObject>) => {
  if (item.type === 'REPLACE') return `REPLACE ${[...item.objects.keys()]} in ${item.epoch}`;
  if (item.type === 'CHANGE') return `${item.change.type} ${item.change.object.metadata?.name} in ${item.epoch}`;
  return `${item.type} in ${item.epoch}`;
};

describe('after a report that the history changed', () => {
  it('drops an event of the old history that has already arrived, and lists again', async () => {
    let streams = 0;
    const { history, items, stop } = follow({
      stream: () => {
        streams += 1;
        if (streams > 1) return initialEvents('5', stored('b', '4'));
        return [
          ...initialEvents('10'),
          { type: 'ADDED', object: stored('a', '11') },
          { type: 'ADDED', object: stored('late', '12') },
          { type: 'BOOKMARK', object: { metadata: { resourceVersion: '13' } } },
        ];
      },
    });
    const told: string[] = [];
    for await (const item of items) {
      told.push(brief(item));
      if (item.type === 'CHANGE') history.replaced(1, 'somebody', 'saw it');
      if (item.type === 'REPLACE' && item.epoch === 2) stop();
    }
    expect(told).toEqual(['REPLACE  in 1', 'ADDED a in 1', 'REPLACE n/b in 2']);
  });

  it('drops a list of the old history that was in progress', async () => {
    const first = Promise.withResolvers<{ items: KubernetesObject[]; resourceVersion: string }>();
    let lists = 0;
    const { history, items, asked, stop } = follow({
      stream: ({ query }) => {
        if (query.sendInitialEvents) throw refused(400);
        return [];
      },
      list: () => {
        lists += 1;
        return lists === 1 ? first.promise : Promise.resolve({ items: [], resourceVersion: '5' });
      },
    });
    const told: string[] = [];
    const reading = (async () => {
      for await (const item of items) {
        told.push(brief(item));
        stop();
      }
    })();
    await eventually(() => lists === 1, { what: 'the list', everyMs: 5 });
    history.replaced(1, 'somebody', 'saw it');
    first.resolve({ items: [stored('old', '99')], resourceVersion: '100' });
    await reading;
    expect(told).toEqual(['REPLACE  in 2']);
    expect(asked.filter(({ kind }) => kind === 'list')).toHaveLength(2);
  });

  it('ignores an item of the old history that the list-watch has already yielded to the informer', async () => {
    const history = new ServerHistory();
    let streams = 0;
    const { client } = fakeClient({
      stream: () => {
        streams += 1;
        if (streams > 1) return initialEvents('5', stored('b', '4'));
        return [
          ...initialEvents('10', stored('a', '9')),
          { type: 'ADDED', object: stored('x', '11') },
          { type: 'ADDED', object: stored('late', '12') },
        ];
      },
    });
    const informer = new Informer({ client, type: CONFIG_MAP, history, timings: QUICK });
    const story: string[] = [];
    informer.subscribe(({ type, object }) => {
      story.push(`${type} ${object.metadata?.name}`);
      if (object.metadata?.name !== 'x') return;
      // In the gap between telling and taking in, and before the next item.
      history.replaced(1, 'somebody', 'saw it');
      expect([informer.current, informer.hasSeen('1'), informer.lastResourceVersion]).toEqual([
        false,
        false,
        undefined,
      ]);
    });
    const seen = informer.waitFor('1000', 10_000);
    informer.start();
    await eventually(() => informer.current && informer.epoch === 2, {
      what: 'the new history',
      everyMs: 5,
    });
    expect(story).toEqual(['ADDED a', 'ADDED x', 'DELETED a', 'DELETED x', 'ADDED b']);
    // A write to the old history is there or lost, so nothing waits for it.
    expect(await seen).toBe(true);
    expect(informer.hasSeen('1000')).toBe(false);
    await informer.stop();
  });

  it('reports a list that has an object older than it was known', async () => {
    const known = [stored('a', '9')];
    let streams = 0;
    const reasons: string[] = [];
    const { history, items, stop } = follow(
      {
        stream: () => {
          streams += 1;
          if (streams === 1) {
            return [...initialEvents('10', stored('a', '9')), { type: 'ERROR', object: { code: 410 } }];
          }
          return initialEvents('500', stored('a', '7'));
        },
      },
      known,
    );
    history.subscribe(({ reason }) => reasons.push(reason));
    const told: string[] = [];
    for await (const item of items) {
      told.push(brief(item));
      if (item.epoch === 2) stop();
    }
    expect(reasons).toEqual(['n/a went back from resourceVersion 9 to 7']);
    expect(told).toEqual(['REPLACE n/a in 1', 'REPLACE n/a in 2']);
  });
});

describe('the check of a history', () => {
  const list = (version: string, ...items: KubernetesObject[]) => ({
    kind: 'ConfigMapList',
    metadata: { resourceVersion: version },
    items,
  });
  const check = async (known: KubernetesObject[] | undefined, now: unknown, then?: unknown) => {
    const { client, asked } = fakeClient({
      request: ({ query }) => {
        const answer = query.resourceVersionMatch === 'Exact' ? then : now;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    });
    const checked = await checkHistory({
      client,
      collection: { type: CONFIG_MAP, labelSelector: 'l=1', fieldSelector: 'spec.x=1' },
      from: '50',
      known: known && new Map(known.map((object) => [`n/${object.metadata?.name}`, object])),
      timeoutMs: 1_000,
      signal: new AbortController().signal,
    });
    for (const { query } of asked) {
      expect(query.labelSelector).toBe('l=1');
      const name = known && known.length > 0 ? ',metadata.name=a' : '';
      expect(query.fieldSelector).toBe(`spec.x=1${name}`);
      expect(query.limit).toBe(1);
    }
    return [checked.history, asked.length];
  };
  const a = stored('a', '40');
  const older = stored('b', '9');

  it('compares the newest known object', async () => {
    expect(await check([older, a], list('60', a))).toEqual(['same', 1]);
    expect(await check([a, older], list('49', a))).toEqual(['other', 1]);
    expect(await check([a], list('60', stored('a', '39')))).toEqual(['other', 1]);
  });

  it('asks for the state at the known version if the object has changed since', async () => {
    for (const now of [list('60', stored('a', '55')), list('60'), list('60', stored('a', '41', 'another'))]) {
      expect(await check([a], now, list('50', a))).toEqual(['same', 2]);
      expect(await check([a], now, list('50'))).toEqual(['other', 2]);
      expect(await check([a], now, list('50', stored('a', '45')))).toEqual(['other', 2]);
      expect(await check([a], now, list('50', stored('a', '40', 'another')))).toEqual(['other', 2]);
      expect(await check([a], now, refused(410))).toEqual(['unknown', 2]);
    }
  });

  it('asks for any object if none is known', async () => {
    expect(await check([], list('60'))).toEqual(['same', 1]);
    expect(await check([], list('60', a), list('50'))).toEqual(['same', 2]);
    expect(await check([], list('60', a), list('50', a))).toEqual(['other', 2]);
  });

  it('compares only versions if no objects were kept', async () => {
    expect(await check(undefined, list('60', a))).toEqual(['same', 1]);
    expect(await check(undefined, list('49'))).toEqual(['other', 1]);
  });

  it('fails if the answer is not a list or the server is unreachable', async () => {
    await expect(check([a], '<html>')).rejects.toThrow('did not return a list');
    await expect(check([a], {})).rejects.toThrow('did not return a list');
    await expect(check([a], undefined)).rejects.toThrow('did not return a list');
    await expect(check([a], refused(403))).rejects.toThrow('403');
    await expect(check([a], list('60'), refused(429))).rejects.toThrow('429');
  });
});

describe('what a run has to wait for', () => {
  /** An informer whose stream delivers what is pushed. */
  function controlled() {
    const queue: object[] = [];
    let wake = () => {};
    const history = new ServerHistory();
    let version = 10;
    const { client } = fakeClient({
      stream: async function* () {
        queue.length = 0;
        yield* initialEvents(String(version));
        for (;;) {
          yield* queue.splice(0);
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    });
    const informer = new Informer<StoredObject>({ client, type: CONFIG_MAP, history, timings: QUICK } as never);
    const push = async (type: string, object: KubernetesObject) => {
      queue.push({ type, object });
      wake();
      await eventually(() => informer.hasSeen(object.metadata?.resourceVersion as string), {
        what: 'the event',
        everyMs: 5,
      });
    };
    const restore = (to: number) => {
      version = to;
    };
    return { informer, history, push, restore };
  }

  it('own writes: until every cache shows them, and wakes once', async () => {
    const [first, second] = [controlled(), controlled()];
    for (const { informer } of [first, second]) informer.start();
    await Promise.all([first, second].map(({ informer }) => informer.synced()));
    const writes = new PendingWrites();
    expect(writes.missing('k')).toBeUndefined();
    writes.wrote('k', first.informer, stored('a', '9'));
    expect(writes.missing('k')).toBeUndefined();

    writes.wrote('k', first.informer, stored('a', '12'));
    writes.wrote('k', first.informer, stored('a', '11'));
    writes.wrote('k', second.informer, stored('b', '15'));
    const wait = writes.missing('k');
    expect(wait?.what).toBe('the cache of configmaps to show version 12');
    let woken = 0;
    let unwanted = 0;
    wait?.subscribe(() => {
      woken += 1;
    });
    wait?.subscribe(() => {
      unwanted += 1;
    })();
    await first.push('ADDED', stored('a', '12'));
    expect(woken).toBe(0);
    expect(writes.missing('k')?.what).toContain('15');
    await second.push('ADDED', stored('b', '16'));
    expect(woken).toBe(1);
    await second.push('ADDED', stored('c', '17'));
    expect([woken, unwanted]).toEqual([1, 0]);
    expect(writes.missing('k')).toBeUndefined();
    // Over already: wakes at once.
    wait?.subscribe(() => {
      woken += 1;
    });
    expect(woken).toBe(2);
    await Promise.all([first, second].map(({ informer }) => informer.stop()));
  });

  it('own deletions: until the object is gone, terminating, or replaced by another of its name', async () => {
    const { informer, push } = controlled();
    informer.start();
    await informer.synced();
    const writes = new PendingWrites();
    let version = 20;
    const terminating = stored('a', '0');
    (terminating.metadata as { deletionTimestamp?: string }).deletionTimestamp = 'now';
    for (const [type, after] of [
      ['DELETED', stored('a', '0')],
      ['MODIFIED', terminating],
      ['ADDED', stored('a', '0', 'another')],
    ] as const) {
      const at = (object: KubernetesObject) => {
        version += 1;
        return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
      };
      await push('ADDED', at(stored('a', '0')));
      writes.deleted('k', informer, stored('a', '0'));
      const wait = writes.missing('k');
      expect(wait?.what).toBe('the cache of configmaps to show that n/a is deleted');
      await push('MODIFIED', at(stored('other', '0')));
      expect(writes.missing('k')).toBeDefined();
      let woken = 0;
      wait?.subscribe(() => {
        woken += 1;
      });
      await push(type, at(after));
      expect(woken).toBe(1);
      expect(writes.missing('k')).toBeUndefined();
    }
    await informer.stop();
  });

  it('own writes of a history that is over: only until the cache is of the new history', async () => {
    const { informer, history, restore } = controlled();
    informer.start();
    await informer.synced();
    const writes = new PendingWrites();
    writes.wrote('k', informer, stored('a', '1000'));
    writes.deleted('k', informer, stored('b', '1000'));
    let woken = '';
    writes.missing('k')?.subscribe(() => {
      woken += `at ${informer.lastResourceVersion} of ${informer.epoch} `;
    });
    restore(4);
    history.replaced(1, 'somebody', 'saw it');
    expect(writes.missing('k')?.what).toBe('the cache of configmaps to show version 1000');
    await eventually(() => informer.current, { what: 'the new history', everyMs: 5 });
    expect(woken).toBe('at 4 of 2 ');
    expect(writes.missing('k')).toBeUndefined();
    // A lower version of the new history replaces a higher one of the old.
    writes.wrote('k', informer, stored('a', '5'));
    expect(writes.missing('k')?.what).toContain('version 5');
    await informer.stop();
  });

  it('references: until the cache of the kind is filled, and names the missing right', async () => {
    let allowed = false;
    const { client } = fakeClient({
      stream: () => {
        if (!allowed) throw refused(403);
        return initialEvents('10');
      },
    });
    const pool = new InformerPool(client, createLogger('error'), undefined, QUICK);
    const references = new References(client, pool, () => {});
    const named = [{ apiVersion: 'v1', kind: 'Secret', name: 's' }] as never;
    expect(references.unsynced('k', 'n', [])).toBeUndefined();
    expect(references.unsynced('k', 'n', named)?.what).toBe('the cache of secrets to be filled');
    await eventually(() => pool.broken.length === 1, { what: 'trouble', everyMs: 5 });
    const wait = references.unsynced('k', 'n', named);
    expect(wait?.what).toMatch(
      /^the cache of secrets to be filled, which cannot be watched: .*403.*Grant the verbs list and watch on secrets/,
    );
    await expect(references.resolve('k', 'n', named, new AbortController().signal)).rejects.toThrow(
      /needs the cache of secrets.*403/,
    );
    let woken = 0;
    wait?.subscribe(() => {
      woken += 1;
    });
    allowed = true;
    await eventually(() => woken === 1, { what: 'the cache', everyMs: 5 });
    expect(references.unsynced('k', 'n', named)).toBeUndefined();
    await pool.stop();
  });
});
