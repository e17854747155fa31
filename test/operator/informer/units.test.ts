import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptLineError, jsonLines } from '../../../operator/informer/json-lines.ts';
import { nextPauseMs } from '../../../operator/informer/reconnect-backoff.ts';
import { compareResourceVersions } from '../../../operator/informer/resource-version.ts';
import { reduceChange, reduceReplace, Store } from '../../../operator/informer/store.ts';
import { stripBulk } from '../../../operator/informer/strip-bulk.ts';
import { VersionWaiters } from '../../../operator/informer/version-waiters.ts';
import type { KubernetesObject } from '../../../operator/kubernetes-object.ts';

function object(name: string, uid: string, resourceVersion: string, owner?: string): KubernetesObject {
  const ownerReferences =
    owner === undefined ? undefined : [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: owner, controller: true }];
  return { metadata: { namespace: 'n', name, uid, resourceVersion, ownerReferences } };
}

const mapOf = (...objects: KubernetesObject[]) => new Map(objects.map((o) => [`n/${o.metadata?.name}`, o]));
const brief = (events: { type: string; object: KubernetesObject }[]) =>
  events.map(
    (e) => `${e.type} ${e.object.metadata?.name}:${e.object.metadata?.uid}@${e.object.metadata?.resourceVersion}`,
  );

describe('resourceVersions', () => {
  it('compare as integers of any length', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.bigInt({ min: 0n, max: 10n ** 40n }), (a, b) => {
        const compared = compareResourceVersions(String(a), String(b)) ?? Number.NaN;
        expect(Math.sign(compared)).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('have no order if they are not integers', () => {
    expect(compareResourceVersions('abc', '5')).toBeUndefined();
    expect(compareResourceVersions('', '5')).toBeUndefined();
    expect(compareResourceVersions('05', '5')).toBeUndefined();
    expect(compareResourceVersions('abc', 'abc')).toBe(0);
  });
});

describe('the store', () => {
  it('applies changes of a watch', () => {
    const known = mapOf(object('a', '1', '10'));
    expect(brief(reduceChange(known, { type: 'MODIFIED', object: object('a', '1', '11') }))).toEqual([
      'MODIFIED a:1@11',
    ]);
    expect(reduceChange(known, { type: 'MODIFIED', object: object('a', '1', '10') })).toEqual([]);
    expect(brief(reduceChange(known, { type: 'MODIFIED', object: object('b', '2', '11') }))).toEqual(['ADDED b:2@11']);
    expect(brief(reduceChange(known, { type: 'ADDED', object: object('a', '2', '12') }))).toEqual([
      'DELETED a:1@10',
      'ADDED a:2@12',
    ]);
    expect(brief(reduceChange(known, { type: 'DELETED', object: object('a', '1', '12') }))).toEqual(['DELETED a:1@12']);
    expect(reduceChange(known, { type: 'DELETED', object: object('a', '9', '12') })).toEqual([]);
    expect(reduceChange(known, { type: 'DELETED', object: object('z', '1', '12') })).toEqual([]);
  });

  it('reduces a new list to the actual differences', () => {
    const known = mapOf(
      object('same', '1', '1'),
      object('gone', '2', '2'),
      object('changed', '3', '3'),
      object('again', '4', '4'),
    );
    const listed = mapOf(
      object('same', '1', '1'),
      object('changed', '3', '9'),
      object('again', '5', '8'),
      object('new', '6', '7'),
    );
    expect(brief(reduceReplace(known, listed))).toEqual([
      'DELETED gone:2@2',
      'MODIFIED changed:3@9',
      'DELETED again:4@4',
      'ADDED again:5@8',
      'ADDED new:6@7',
    ]);
  });

  it('equals the list, whatever it contained before, with a correct index', () => {
    const anyObject = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      uid: fc.constantFrom('1', '2'),
      version: fc.constantFrom('1', '2', '3'),
      owner: fc.constantFrom(undefined, 'x', 'y'),
    });
    const anyList = fc.uniqueArray(anyObject, { selector: (o) => o.name });
    fc.assert(
      fc.property(fc.array(anyList, { maxLength: 6 }), (lists) => {
        const store = new Store<KubernetesObject>();
        for (const list of lists) {
          // The owner is part of what a version means.
          const listed = mapOf(...list.map((o) => object(o.name, o.uid, `${o.version}${o.owner ?? ''}`, o.owner)));
          store.apply(reduceReplace(store.objects, listed));
          expect(new Map(store.objects)).toEqual(listed);
          for (const owner of ['x', 'y']) {
            const owned = [...listed.values()].filter((o) => o.metadata?.ownerReferences?.[0]?.uid === owner);
            expect(new Set(store.ownedBy(owner))).toEqual(new Set(owned));
          }
        }
      }),
    );
  });
});

describe('jsonLines', () => {
  async function parse(chunks: Uint8Array[]): Promise<unknown[]> {
    async function* source() {
      yield* chunks;
    }
    const values: unknown[] = [];
    for await (const value of jsonLines(source())) values.push(value);
    return values;
  }

  it('yields the values however the bytes were split, also inside a character', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ text: fc.string({ unit: 'grapheme' }) })),
        fc.array(fc.nat(400)),
        async (values, cuts) => {
          const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
          const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length])].sort(
            (a, b) => a - b,
          );
          const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
          expect(await parse(chunks)).toEqual(values);
        },
      ),
    );
  });

  it('reads a line of 8 MB in small chunks in linear time', async () => {
    const line = Buffer.from(`${JSON.stringify({ data: 'x'.repeat(8_000_000) })}\n`);
    const chunks: Uint8Array[] = [];
    for (let start = 0; start < line.length; start += 1000) chunks.push(line.subarray(start, start + 1000));
    // Of this thread's own time: others may use the machine meanwhile.
    const before = process.threadCpuUsage();
    expect(await parse(chunks)).toHaveLength(1);
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(2_000);
  });

  it('throws on a corrupt line without quoting it, and drops an incomplete line', async () => {
    const failure = parse([Buffer.from('{"a":1}\n{"secret\n')]);
    await expect(failure).rejects.toThrow(CorruptLineError);
    await expect(failure).rejects.not.toThrow(/secret/);
    expect(await parse([Buffer.from('{"a":1}\n{"b"')])).toEqual([{ a: 1 }]);
  });

  it('keeps a key called __proto__', async () => {
    const [value] = (await parse([Buffer.from('{"__proto__":{"x":1}}\n')])) as [object];
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(JSON.stringify(value)).toBe('{"__proto__":{"x":1}}');
  });
});

describe('waiting for a version', () => {
  it('resolves when the version is reached, passed, or the deadline is over', async () => {
    const waiters = new VersionWaiters();
    const reached = waiters.waitFor('100', 1_000);
    const passed = waiters.waitFor('99', 1_000);
    const late = waiters.waitFor('1000', 20);
    waiters.advance('9');
    waiters.advance('100');
    expect(await Promise.all([reached, passed, late])).toEqual([true, true, false]);
    expect(await waiters.waitFor('50', 0)).toBe(true);
    const ended = waiters.waitFor('5000', 60_000);
    waiters.end();
    expect(await ended).toBe(false);
  });
});

describe('backoff', () => {
  it('doubles up to the limit, and skips the first pause of an expected failure', () => {
    const pause = (failures: number, expected = false, random = 1) =>
      nextPauseMs(failures, expected, [200, 10_000], random);
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((failures) => pause(failures))).toEqual([
      200, 400, 800, 1600, 3200, 6400, 10_000, 10_000,
    ]);
    expect([pause(1, true), pause(2, true)]).toEqual([0, 400]);
    expect(pause(1, false, 0)).toBe(100);
  });
});

describe('stripBulk', () => {
  it('removes only managedFields and the last-applied annotation', () => {
    const annotations = { keep: 'me', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    expect(stripBulk({ metadata: { name: 'a', managedFields: [{}], annotations } })).toEqual({
      metadata: { name: 'a', annotations: { keep: 'me' } },
    });
  });
});
