import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Fleet } from './fleet.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const uids = (namespace: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${namespace}/${String(index).padStart(3, '0')}`);

test('two runs of the same moment do not both take the last slot, though the cache shows neither', () => {
  const fleet = new Fleet(1, ['a/1', 'b/1']);
  fleet.run('a/1');
  fleet.run('b/1');
  expect(fleet.begun).toEqual(['a/1']);
  expect(fleet.phase('b/1')).toBe('Queued');
  // A run that is repeated, because its status was not written, still has its slot.
  fleet.write('a/1', undefined);
  fleet.run('a/1');
  expect(fleet.begun).toEqual(['a/1', 'a/1']);
});

test('the end of a release wakes the next one, and only that', () => {
  const fleet = new Fleet(2, [...uids('a', 100), 'b/1']);
  for (const uid of fleet.apis.keys()) fleet.run(uid);
  fleet.seeAll();
  expect(fleet.begun).toEqual(['a/000', 'a/001']);
  vi.advanceTimersByTime(1_000);
  fleet.end('a/000');
  expect([...fleet.queue]).toEqual(['b/1']);
  fleet.drain();
  expect(fleet.begun.at(-1)).toBe('b/1');
  fleet.seeAll();
  vi.advanceTimersByTime(1_000);
  fleet.end('b/1');
  expect([...fleet.queue]).toEqual(['a/002']);
});

test('while no slot is free a run reads no RestAPI but those in progress', () => {
  const fleet = new Fleet(2, uids('a', 500));
  for (const uid of fleet.apis.keys()) fleet.run(uid);
  expect(fleet.inPhase('Queued')).toHaveLength(498);
  expect(fleet.scans).toBe(0);
});

test('a release that is no longer wanted gives its slot back', () => {
  const fleet = new Fleet(1, ['a/1', 'b/1']);
  fleet.run('a/1');
  fleet.run('b/1');
  fleet.seeAll();
  // Its status was never written, and the spec was changed back.
  fleet.write('a/1', undefined);
  fleet.look('a/1');
  expect([...fleet.queue]).toEqual(['b/1']);
});

test('what waits for a person or a time, or is deleted, frees its slot', () => {
  for (const phase of ['Paused', 'WaitingForPromotion', 'RollingBack'] as const) {
    const fleet = new Fleet(1, ['a/1', 'b/1']);
    fleet.run('a/1');
    fleet.run('b/1');
    fleet.seeAll();
    fleet.write('a/1', { phase, progressedAt: new Date().toISOString() });
    fleet.run('a/1');
    expect([phase, ...fleet.queue]).toEqual([phase, 'b/1']);
  }
  const fleet = new Fleet(1, ['a/1', 'b/1', 'c/1']);
  fleet.run('a/1');
  fleet.run('b/1');
  fleet.seeAll();
  fleet.run('a/1');
  fleet.apis.delete('a/1');
  fleet.seeAll();
  fleet.look('c/1');
  expect([...fleet.queue]).toEqual(['b/1']);
});

test('a release that hangs frees its slot without an event, and whatever its status says of the future', () => {
  for (const minutes of [-60, 0]) {
    const fleet = new Fleet(1, ['a/1', 'b/1']);
    fleet.run('a/1');
    fleet.run('b/1');
    fleet.seeAll();
    fleet.run('a/1');
    const progressedAt = new Date(Date.now() - minutes * 60_000).toISOString();
    fleet.write('a/1', { phase: 'Preparing', progressedAt });
    fleet.seeAll();
    vi.advanceTimersByTime(9 * 60_000);
    if (minutes === 0) expect([...fleet.queue]).toEqual([]);
    vi.advanceTimersByTime(3 * 60_000);
    expect([...fleet.queue]).toEqual(['b/1']);
  }
});

test('one that was woken and does not begin holds nobody up for long', () => {
  const fleet = new Fleet(1, ['a/1', 'b/1', 'c/1']);
  for (const uid of fleet.apis.keys()) fleet.run(uid);
  fleet.seeAll();
  fleet.end('a/1');
  expect([...fleet.queue]).toEqual(['b/1']);
  // Its runs fail.
  fleet.queue.clear();
  vi.advanceTimersByTime(9_000);
  fleet.look('a/1');
  expect([...fleet.queue]).toEqual([]);
  vi.advanceTimersByTime(2_000);
  fleet.look('a/1');
  expect([...fleet.queue]).toEqual(['c/1']);
  fleet.drain();
  expect(fleet.begun).toEqual(['a/1', 'c/1']);
});

test('after a restart those in progress count, and those that wait keep their places', () => {
  const fleet = new Fleet(1, ['a/1', 'b/1', 'b/2']);
  fleet.run('a/1');
  fleet.run('b/2');
  vi.advanceTimersByTime(1_000);
  fleet.run('b/1');
  fleet.restart();
  for (const uid of ['b/1', 'b/2', 'a/1']) fleet.run(uid);
  expect(fleet.begun).toEqual(['a/1']);
  fleet.end('a/1');
  expect([...fleet.queue]).toEqual(['b/2']);
});

test('0 is no limit', () => {
  const fleet = new Fleet(0, uids('a', 50));
  for (const uid of fleet.apis.keys()) fleet.run(uid);
  expect(fleet.begun).toHaveLength(50);
});

type Action = (fleet: Fleet) => void;
/** As after every start, all RestAPIs are reconciled. */
const restart: Action = (fleet) => {
  fleet.restart();
  for (const one of fleet.apis.keys()) if (fleet.phase(one)) fleet.queue.add(one);
};
const NAMESPACES = ['a', 'b', 'c'];
const uid = fc.tuple(fc.constantFrom(...NAMESPACES), fc.nat(7)).map(([namespace, number]) => `${namespace}/${number}`);
const named = (name: string, act: Action): Action => Object.assign(act, { [fc.toStringMethod]: () => name });
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: uid.map((one) =>
      named(`push ${one}`, (fleet) => {
        if (!fleet.apis.has(one)) fleet.add(one);
        fleet.run(one);
      }),
    ),
  },
  { weight: 4, arbitrary: uid.map((one) => named(`deliver ${one}`, (fleet) => fleet.deliver(one))) },
  {
    weight: 6,
    arbitrary: fc.nat(5).map((index) =>
      named(`end ${index}`, (fleet) => {
        const one = fleet.inPhase('Preparing')[index];
        if (one) fleet.end(one);
      }),
    ),
  },
  { weight: 4, arbitrary: fc.constant(named('drain', (fleet) => fleet.drain())) },
  { weight: 1, arbitrary: fc.constant(named('restart', restart)) },
  {
    weight: 1,
    arbitrary: uid.map((one) =>
      named(`delete ${one}`, (fleet) => {
        // Its finalizer makes the operator clean up.
        fleet.look(one);
        fleet.apis.delete(one);
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(100, 5_000, 30_000).map((ms) =>
      named(`after ${ms}`, (fleet) => {
        vi.advanceTimersByTime(ms);
        // No cache lags behind for longer.
        if (ms > 5_000) fleet.deliverAll();
      }),
    ),
  },
);

test('whatever happens, no more are in progress than may be, namespaces take turns, and all are released', () => {
  let waited = 0;
  const property = fc.property(
    fc.integer({ min: 1, max: 3 }),
    fc.array(action, { maxLength: 80, size: 'max' }),
    (max, actions) => {
      // Those of earlier fleets.
      vi.clearAllTimers();
      const fleet = new Fleet(max);
      for (const act of actions) {
        act(fleet);
        expect(fleet.busy().length).toBeLessThanOrEqual(max);
      }
      // From now on nothing runs but what is requeued, and releases end one after the other.
      fleet.deliverAll();
      fleet.drain();
      fleet.seeAll();
      const waiting = fleet.inPhase('Queued');
      waited += waiting.length;
      fleet.begun.length = 0;
      fleet.unfair.length = 0;
      for (let round = 0; round < 200 && fleet.inPhase('Queued').length > 0; round++) {
        vi.advanceTimersByTime(15_000);
        fleet.drain();
        expect(fleet.busy().length).toBeLessThanOrEqual(max);
        const [first] = fleet.inPhase('Preparing');
        if (first) fleet.end(first);
        fleet.drain();
      }
      expect(fleet.inPhase('Queued')).toEqual([]);
      expect([...fleet.begun].sort()).toEqual([...waiting].sort());
      expect(fleet.unfair).toEqual([]);
    },
  );
  fc.assert(property, { numRuns: 300 });
  expect(waited).toBeGreaterThan(500);
});
