import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BUCKET_MS, BUCKETS, LoadHistory } from '../../../../src/scaling/predictive/load-history.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 5);
const LENGTH = 8223;

function filled(
  buckets: number,
  loadOf: (bucket: number) => number = (bucket) => 1 + (bucket % 144) / 100,
): LoadHistory {
  const history = LoadHistory.empty();
  for (let bucket = 0; bucket < buckets; bucket++) history.add(START + bucket * BUCKET_MS, loadOf(bucket));
  return history;
}

function values(history: LoadHistory, now: number): (number | null)[] {
  return Array.from(history.known(now).values, (value) => (Number.isNaN(value) ? null : Number(value.toPrecision(2))));
}

test('means of ten minutes, oldest first, without those that are not over', () => {
  const history = LoadHistory.empty();
  history.add(START, 1);
  history.add(START + 5 * MINUTE, 3);
  history.add(START + 10 * MINUTE, 5);
  expect(values(history, START + 9 * MINUTE)).toEqual([]);
  expect(values(history, START + 10 * MINUTE)).toEqual([2]);
  expect(values(history, START + 25 * MINUTE)).toEqual([2, 5]);
  expect(history.known(START + 25 * MINUTE).first).toBe(START / BUCKET_MS);
});

test('gaps are gaps, also at the end', () => {
  const history = LoadHistory.empty();
  history.add(START, 1);
  history.add(START + 40 * MINUTE, 2);
  expect(values(history, START + 65 * MINUTE)).toEqual([1, null, null, null, 2, null]);
});

test('keeps four weeks and a half day, always in the same number of characters', () => {
  expect(LoadHistory.empty().encode()).toHaveLength(LENGTH);
  const history = filled(BUCKETS + 1000);
  expect(history.encode()).toHaveLength(LENGTH);
  const known = history.known(START + (BUCKETS + 1000) * BUCKET_MS);
  expect(known.values).toHaveLength(BUCKETS);
  expect(known.values).not.toContain(Number.NaN);
  expect(known.first).toBe(START / BUCKET_MS + 1000);
});

test('survives a restart: all that was over, and the ten minutes go on', () => {
  const history = filled(300);
  history.add(START + 300 * BUCKET_MS, 7);
  const { history: read, problem } = LoadHistory.decode(history.encode());
  expect(problem).toBeUndefined();
  expect(read.encode()).toBe(history.encode());
  read.add(START + 300 * BUCKET_MS + MINUTE, 9);
  const now = START + 301 * BUCKET_MS;
  expect(values(read, now).slice(0, -1)).toEqual(values(history, now).slice(0, -1));
  expect(values(read, now).at(-1)).toBe(9);
});

test('the text changes when ten minutes are over, not with each sample', () => {
  const history = filled(10);
  const text = history.encode();
  history.add(START + 9 * BUCKET_MS + MINUTE, 3);
  expect(history.encode()).toBe(text);
  history.add(START + 10 * BUCKET_MS, 3);
  expect(history.encode()).not.toBe(text);
});

describe('what is left out', () => {
  const history = filled(10, () => 4);
  const before = values(history, START + 10 * BUCKET_MS);
  test.each([
    ['a sample told again', START + 9 * BUCKET_MS, 9],
    ['one of half an hour ago', START + 6 * BUCKET_MS, 9],
    ['no number', START + 10 * BUCKET_MS, Number.NaN],
    ['endless load', START + 10 * BUCKET_MS, Number.POSITIVE_INFINITY],
    ['a load below 0', START + 10 * BUCKET_MS, -1],
    ['no time', Number.NaN, 1],
    ['a time before 1970', -1, 1],
  ])('%s', (_what, at, load) => {
    expect(history.add(at, load)).toBe(false);
    expect(values(history, START + 10 * BUCKET_MS)).toEqual(before);
  });
});

test('a clock set back by up to an hour is waited for, after a restart too', () => {
  const { history } = LoadHistory.decode(filled(20, () => 4).encode());
  expect(history.add(START + 15 * BUCKET_MS, 9)).toBe(false);
  expect(history.add(START + 19 * BUCKET_MS, 9)).toBe(true);
  expect(values(history, START + 20 * BUCKET_MS)).toEqual([...new Array(19).fill(4), 9]);
});

test('a clock set back by more is believed, and what it said of the time after is forgotten', () => {
  const history = filled(100, () => 4);
  expect(history.add(START + 50 * BUCKET_MS, 9)).toBe(true);
  history.add(START + 51 * BUCKET_MS, 8);
  expect(values(history, START + 52 * BUCKET_MS)).toEqual([...new Array(50).fill(4), 9, 8]);
  expect(values(history, START + 101 * BUCKET_MS).slice(52)).toEqual(new Array(49).fill(null));
});

test('a clock that was years ahead leaves nothing to learn from, and no trouble', () => {
  const history = filled(100, () => 4);
  history.add(START + 1000 * BUCKETS * BUCKET_MS, 1);
  history.add(START + 1000 * BUCKETS * BUCKET_MS + BUCKET_MS, 1);
  history.add(START + 101 * BUCKET_MS, 2);
  history.add(START + 102 * BUCKET_MS, 3);
  expect(values(history, START + 103 * BUCKET_MS)).toEqual([2, 3]);
});

test('what another process or Prometheus knows fills gaps, and only these', () => {
  const history = LoadHistory.empty();
  for (const bucket of [0, 1, 4, 5]) history.add(START + bucket * BUCKET_MS, 1);
  const other = filled(9, () => 2);
  history.merge(other);
  const now = START + 9 * BUCKET_MS;
  // The last ten minutes of each were not over.
  expect(values(history, now)).toEqual([1, 1, 2, 2, 1, 2, 2, 2, null]);
  history.merge(filled(BUCKETS + 500, () => 3));
  expect(new Set(values(history, START + (BUCKETS + 499) * BUCKET_MS))).toEqual(new Set([3]));
  const text = history.encode();
  history.merge(LoadHistory.empty());
  history.merge(other);
  expect(history.encode()).toBe(text);
});

describe('what cannot be read starts anew, and is said', () => {
  const text = filled(200).encode();
  test.each([
    ['an empty text', '', /version is ""/],
    ['another version', 'v2.AAAA', /version is "v2", expected v1/],
    ['a version only', 'v1', /format is not/],
    ['more parts', 'v1.AA.AA', /format is not/],
    ['other letters', 'v1.ä', /not base64/],
    ['too short', 'v1.AAAA', /3 bytes, expected/],
    ['cut off', text.slice(0, -4), /bytes, expected/],
    ['one letter changed', text.replace(/[B-Z]/, 'A'), /checksum is wrong/],
  ])('%s', (_what, broken, problem) => {
    const decoded = LoadHistory.decode(broken);
    expect(decoded.problem).toMatch(problem);
    expect(decoded.problem).toMatch(/starts over/);
    expect(decoded.history.encode()).toBe(LoadHistory.empty().encode());
  });

  test('nothing is no problem', () => {
    expect(LoadHistory.decode(undefined).problem).toBeUndefined();
  });

  test('any one character changed', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }), (at, other) => {
        const broken = text.slice(0, at) + other + text.slice(at + 1);
        const { problem } = LoadHistory.decode(broken);
        expect(problem === undefined).toBe(broken === text);
      }),
    );
  });
});

test('any samples, at any times: nothing is thrown, what is read is what was written, values are kept to 0.3 %', () => {
  const sample = fc.record({
    step: fc.integer({ min: -20 * BUCKET_MS, max: 200 * BUCKET_MS }),
    load: fc.oneof(fc.double({ min: 1e-3, max: 1e5, noNaN: true }), fc.constantFrom(0, Number.NaN, -1)),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
      const history = LoadHistory.empty();
      let at = START;
      const told = new Map<number, number[]>();
      for (const { step, load } of samples) {
        at += step;
        if (!history.add(at, load)) continue;
        const bucket = Math.floor(at / BUCKET_MS);
        // Set back: what was said of this time and after is forgotten.
        if (Math.max(...told.keys()) > bucket) for (const later of told.keys()) if (later >= bucket) told.delete(later);
        const last = Math.max(...told.keys(), Number.NEGATIVE_INFINITY);
        told.set(bucket, [...(last === bucket ? (told.get(bucket) ?? []) : []), load]);
      }
      const now = at + 1000 * BUCKET_MS;
      const { first, values } = history.known(now);
      values.forEach((value, index) => {
        if (Number.isNaN(value)) return;
        const loads = told.get(first + index) ?? [];
        const mean = loads.reduce((sum, one) => sum + one, 0) / loads.length;
        expect(Math.abs(value - mean)).toBeLessThanOrEqual(Math.max(1e-4, mean * 0.003));
      });
      expect(LoadHistory.decode(history.encode()).problem).toBeUndefined();
    }),
  );
});

test('who asks in between is told what who asks once is told', () => {
  const happening = fc.record({
    step: fc.integer({ min: -12 * BUCKET_MS, max: 5 * BUCKET_MS }),
    load: fc.double({ min: 1e-3, max: 1e5, noNaN: true }),
    /** What another process knows comes in. */
    merged: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const [asked, left, other] = [LoadHistory.empty(), LoadHistory.empty(), LoadHistory.empty()];
      let at = 1_000 * BUCKET_MS;
      const later = 2_000 * BUCKET_MS;
      for (const { step, load, merged } of happenings) {
        at += step;
        other.add(at - BUCKET_MS, 2 * load);
        asked.known(at);
        for (const history of [asked, left]) {
          history.add(at, load);
          if (merged) history.merge(other);
        }
        expect(asked.known(at)).toEqual(left.known(at));
        expect(asked.known(later)).toBe(asked.known(later));
      }
      expect(asked.known(later)).toEqual(left.known(later));
    }),
    { numRuns: 500 },
  );
});
