import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextReleases, type WaitingRelease } from '../../../src/pacing/next-releases.ts';

const NAMESPACES = ['a', 'b', 'c', 'd'];

const situation = fc.record({
  free: fc.nat(6),
  waiting: fc
    .array(fc.record({ namespace: fc.constantFrom(...NAMESPACES), since: fc.nat(5) }), { maxLength: 12 })
    .map((all) => all.map((one, index): WaitingRelease => ({ ...one, uid: `uid-${index}` }))),
  inProgress: fc.array(fc.tuple(fc.constantFrom(...NAMESPACES), fc.nat(3))).map((all) => new Map(all)),
  servedAt: fc.array(fc.tuple(fc.constantFrom(...NAMESPACES), fc.nat(5))).map((all) => new Map(all)),
});

test('every free slot is given away, the next one always to a namespace with the fewest in progress', () => {
  const property = fc.property(situation, ({ free, waiting, inProgress, servedAt }) => {
    const next = nextReleases(free, waiting, inProgress, servedAt);
    expect(next).toHaveLength(Math.min(free, waiting.length));
    expect(new Set(next).size).toBe(next.length);
    const counts = new Map(inProgress);
    const served = new Map(servedAt);
    let left = waiting;
    for (const one of next) {
      const count = (namespace: string) => counts.get(namespace) ?? 0;
      const time = (namespace: string) => served.get(namespace) ?? 0;
      for (const other of left) {
        expect(count(one.namespace)).toBeLessThanOrEqual(count(other.namespace));
        if (other.namespace === one.namespace) expect(one.since).toBeLessThanOrEqual(other.since);
        else if (count(one.namespace) === count(other.namespace)) {
          expect(time(one.namespace)).toBeLessThanOrEqual(time(other.namespace));
        }
      }
      counts.set(one.namespace, count(one.namespace) + 1);
      served.set(one.namespace, Infinity);
      left = left.filter((other) => other !== one);
    }
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('with one slot, namespaces take turns, however many of one wait and for how long', () => {
  const waiting: WaitingRelease[] = [
    ...Array.from({ length: 300 }, (_, index) => ({ uid: `a-${index}`, namespace: 'a', since: index })),
    ...Array.from({ length: 3 }, (_, index) => ({ uid: `b-${index}`, namespace: 'b', since: 1_000 + index })),
    { uid: 'c-0', namespace: 'c', since: 2_000 },
  ];
  const served = new Map<string, number>([['a', 1]]);
  const order: string[] = [];
  let left = waiting;
  for (let time = 2; time < 10; time++) {
    const [one] = nextReleases(1, left, new Map(), served);
    if (!one) break;
    order.push(one.uid);
    served.set(one.namespace, time);
    left = left.filter((other) => other !== one);
  }
  expect(order).toEqual(['b-0', 'c-0', 'a-0', 'b-1', 'a-1', 'b-2', 'a-2', 'a-3']);
});
