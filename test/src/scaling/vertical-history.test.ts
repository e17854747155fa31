import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VerticalResource } from '../../../resources/model/resized.ts';
import { CPU_BUCKETS, MEMORY_BUCKETS } from '../../../src/scaling/vertical/histogram.ts';
import {
  type Allowed,
  HALF_LIFE_MS,
  historyOf,
  historyText,
  killed,
  NO_HISTORY,
  observed,
  type PodUse,
  recommendation,
  type UsageHistory,
} from '../../../src/scaling/vertical/index.ts';

const MIB = 1024 ** 2;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2026, 0, 1);
const ANYTHING: Record<VerticalResource, Allowed> = {
  cpu: { min: 0, max: Number.POSITIVE_INFINITY },
  memory: { min: 0, max: Number.POSITIVE_INFINITY },
};

/** The same use for some days, looked at every five minutes. */
const used = (use: PodUse, days: number, before: UsageHistory = NO_HISTORY) => {
  let history = before;
  const from = before.at || START;
  for (let at = from + 5 * MINUTE; at <= from + days * DAY; at += 5 * MINUTE) history = observed(history, at, [use]);
  return history;
};
const targets = (history: UsageHistory, allowed = ANYTHING) => {
  const { cpu, memory } = recommendation(history, allowed) ?? {};
  return { cpu: cpu?.target ?? Number.NaN, memory: (memory?.target ?? Number.NaN) / MIB };
};

const USE: fc.Arbitrary<PodUse> = fc.record({
  cpu: fc.double({ min: 0, max: 8, noNaN: true }),
  memory: fc.double({ min: 1, max: 8 * 1024 * MIB, noNaN: true }),
});
/** Looks at some pods, minutes to hours apart. */
const LOOKS = fc.array(
  fc.record({ gap: fc.integer({ min: 1, max: 300 }), pods: fc.array(USE, { minLength: 1, maxLength: 4 }) }),
  { minLength: 1, maxLength: 60 },
);
const seen = (looks: { gap: number; pods: PodUse[] }[]) => {
  let at = START;
  let history = NO_HISTORY;
  for (const { gap, pods } of looks) {
    at += gap * MINUTE;
    history = observed(history, at, pods);
  }
  return history;
};

test('constant use: the same amount from the first look on, with the margin on top, rounded up', () => {
  const use = { cpu: 0.2, memory: 200 * MIB };
  const days = [5 / (24 * 60), 1 / 24, 1, 7].map((one) => targets(used(use, one)));
  // Between 15 % more than was used and the ends of bucket (5 %) and rounding (5 % and 3 %) on top.
  expect(days[0]).toEqual({ cpu: 0.25, memory: 240 });
  expect(new Set(days.map((one) => JSON.stringify(one))).size).toBe(1);
});

test('the longer it is known, the closer the bounds', () => {
  const of = (days: number) => recommendation(used({ cpu: 0.2, memory: 200 * MIB }, days), ANYTHING);
  const first = of(5 / (24 * 60));
  expect(first?.cpu).toEqual({ target: 0.25, lower: 0.001, upper: Number.POSITIVE_INFINITY });
  const widths = [1 / 24, 1, 3, 10].map((days) => {
    const { lower = 0, upper = 0 } = of(days)?.cpu ?? {};
    return upper - lower;
  });
  expect(widths).toEqual([...widths].sort((a, b) => b - a));
  expect(of(10)?.days).toBeCloseTo(10, 1);
});

test('time in which nobody looked does not count as known', () => {
  const before = used({ cpu: 0.2, memory: MIB }, 1);
  const after = observed(before, before.at + 2 * DAY, [{ cpu: 0.2, memory: MIB }]);
  expect(after.observedMs).toBe(before.observedMs);
});

test('what was used is forgotten by halves', () => {
  const high = used({ cpu: 2, memory: 1000 * MIB }, 2);
  expect(targets(used({ cpu: 0.1, memory: 100 * MIB }, 1, high)).cpu).toBeGreaterThan(2);
  // 10 % of the weight is left after 3 to 4 half-lives.
  const late = targets(used({ cpu: 0.1, memory: 100 * MIB }, 5, high));
  expect(late.cpu).toBeLessThan(0.2);
  expect(late.memory).toBeLessThan(150);
  const gone = observed(high, high.at + 30 * HALF_LIFE_MS, [{ cpu: 0.1, memory: MIB }]);
  expect(gone.observedMs).toBe(0);
  expect([...gone.cpu.values()]).toEqual([1]);
});

test('a pod that was killed for lack of memory raises it, the same one again does not, and it passes', () => {
  const before = used({ cpu: 0.1, memory: 100 * MIB }, 1.5);
  const once = killed(before, before.at, 128 * MIB);
  expect(targets(once).memory).toBeGreaterThanOrEqual(Math.floor(228 * 1.15));
  expect(targets(once).cpu).toBe(targets(before).cpu);
  expect(killed(once, once.at, 128 * MIB)).toEqual(once);
  expect(targets(killed(once, once.at, 1000 * MIB)).memory).toBeGreaterThanOrEqual(1200 * 1.15);
  expect(targets(used({ cpu: 0.1, memory: 100 * MIB }, 6, once)).memory).toBeLessThan(150);
  // Of long ago, and before anything is known.
  expect(killed(before, before.at - 3 * DAY, 1000 * MIB)).toBe(before);
  expect(recommendation(killed(NO_HISTORY, START, 128 * MIB))).toBeUndefined();
});

test('looks of the past, the same look again and amounts that are none change nothing', () => {
  const before = used({ cpu: 0.1, memory: 100 * MIB }, 0.1);
  const use = { cpu: 5, memory: 5 };
  expect(observed(before, before.at, [use])).toBe(before);
  expect(observed(before, before.at - MINUTE, [use])).toBe(before);
  expect(observed(before, before.at + MINUTE, [])).toBe(before);
  expect(observed(before, before.at + MINUTE, [{ cpu: Number.NaN, memory: 1 }])).toBe(before);
  expect(observed(before, before.at + MINUTE, [{ cpu: 1, memory: -1 }])).toBe(before);
});

test('more use is never answered with less', () => {
  fc.assert(
    fc.property(LOOKS, fc.double({ min: 0, max: 3, noNaN: true }), (looks, more) => {
      const less = targets(seen(looks));
      const grown = looks.map(({ gap, pods }) => ({
        gap,
        pods: pods.map(({ cpu, memory }, index) =>
          index % 2 ? { cpu, memory } : { cpu: cpu + more, memory: memory + more * 100 * MIB },
        ),
      }));
      const most = targets(seen(grown));
      expect(most.cpu).toBeGreaterThanOrEqual(less.cpu);
      expect(most.memory).toBeGreaterThanOrEqual(less.memory);
    }),
  );
});

test('never outside of what is allowed, bounds around the target, amounts as people write them', () => {
  const bound = (unit: number) =>
    fc
      .tuple(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 0, max: 4000 }))
      .map(([min, more]) => ({ min: min * unit, max: (min + more) * unit }));
  fc.assert(
    fc.property(LOOKS, bound(0.001), bound(MIB), (looks, cpu, memory) => {
      const allowed = { cpu, memory };
      const said = recommendation(seen(looks), allowed);
      for (const resource of ['cpu', 'memory'] as const) {
        const { target, lower, upper } = said?.[resource] ?? { target: Number.NaN, lower: 0, upper: 0 };
        expect(target).toBeGreaterThanOrEqual(allowed[resource].min);
        expect(lower).toBeLessThanOrEqual(target);
        expect(upper).toBeGreaterThanOrEqual(target);
        expect(upper).toBeLessThanOrEqual(allowed[resource].max);
        const inUnits = target / (resource === 'cpu' ? 0.001 : MIB);
        expect(Math.abs(inUnits - Math.round(inUnits))).toBeLessThan(1e-6);
      }
    }),
  );
});

test('it is written in a few hundred characters and read again as what it was', () => {
  fc.assert(
    fc.property(LOOKS, (looks) => {
      const history = seen(looks);
      const text = historyText(history);
      const { history: again, trouble } = historyOf(text);
      expect(trouble).toBeUndefined();
      expect(historyText(again)).toBe(text);
      expect(targets(again).memory).toBe(targets(history).memory);
      expect(again.peak).toBe(history.peak);
      expect(Math.abs(again.at - history.at)).toBeLessThan(1_000);
      expect(text).toMatch(/^v1\.[\w-]+$/);
    }),
  );
  let wild = NO_HISTORY;
  for (let minute = 1; minute < 2 * 24 * 60; minute++) {
    wild = observed(wild, START + minute * MINUTE, [{ cpu: 0.02 * 1.002 ** minute, memory: (minute % 900) * MIB }]);
  }
  expect(wild.cpu.size).toBeGreaterThan(60);
  expect(historyText(wild).length).toBeLessThan(600);
  expect(historyText(used({ cpu: 0.2, memory: 100 * MIB }, 3)).length).toBeLessThan(100);
  const all = (count: number) => new Map(Array.from({ length: count }, (_, bucket) => [bucket, 1 + bucket]));
  const full = { ...wild, cpu: all(CPU_BUCKETS.count), memoryPeaks: all(MEMORY_BUCKETS.count) };
  expect(historyText(full).length).toBeLessThan(1_500);
  expect(historyOf(historyText(full)).history.cpu.size).toBe(CPU_BUCKETS.count);
  expect(historyOf(historyText(NO_HISTORY))).toEqual({ history: NO_HISTORY });
});

test('a text that is damaged or of another version: begun anew, and told', () => {
  const text = historyText(used({ cpu: 0.2, memory: 100 * MIB }, 2));
  expect(historyOf(text.replace('v1', 'v2'))).toMatchObject({
    history: NO_HISTORY,
    trouble: 'its version is "v2", expected v1; the usage history starts over',
  });
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.constantFrom(...'AZaz09-_.=é\n'), (at, char) => {
      const other = text.slice(0, at) + char + text.slice(at + 1);
      fc.pre(other !== text);
      const { history, trouble } = historyOf(other);
      expect(history).toBe(NO_HISTORY);
      expect(trouble).toContain('starts over');
    }),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.nat(text.length - 1).map((end) => text.slice(0, end)),
      ),
      (other) => {
        expect(historyOf(other).history).toBe(NO_HISTORY);
      },
    ),
  );
});
