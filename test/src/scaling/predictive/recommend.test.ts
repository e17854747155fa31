import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Circumstances,
  LoadHistory,
  type PredictiveState,
  type Recommendation,
  recommend,
} from '../../../../src/scaling/predictive/index.ts';

import { noise } from '../noise.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday. */
const START = Date.UTC(2026, 0, 5);
const SETTING = { horizonMinutes: 20, perReplica: 1, min: 2, max: 20 };

/** 1 at night, 12 at work, and 6 at weekends; a little noise that is the same each time. */
function office(at: number): number {
  const hour = (at % DAY) / HOUR;
  const weekend = [0, 6].includes(new Date(at).getUTCDay());
  const busy = Math.min(1, Math.max(0, Math.min(hour - 7, 19 - hour)));
  return 1 + (weekend ? 5 : 11) * busy + noise(at) * 0.2;
}

function historyOf(days: number, load: (at: number) => number = office): LoadHistory {
  const history = LoadHistory.empty();
  for (let at = START; at < START + days * DAY; at += 10 * MINUTE) history.add(at, load(at));
  return history;
}

/** Goes on, deciding every ten minutes. */
function live(
  history: LoadHistory,
  from: number,
  days: number,
  load: (at: number) => number,
  state?: PredictiveState,
): Recommendation[] {
  const made: Recommendation[] = [];
  for (let now = from; now < from + days * DAY; now += 10 * MINUTE) {
    const before = made.at(-1)?.state ?? state;
    made.push(recommend({ ...SETTING, history, now, ...(before && { state: before }) }));
    history.add(now, load(now));
  }
  return made;
}

function at(days: number, more: Partial<Circumstances> = {}): Recommendation {
  return recommend({ ...SETTING, history: historyOf(days), now: START + days * DAY, ...more });
}

describe('learning', () => {
  test.each([
    [0, undefined, /the load of 0.0 days is known, 2 are needed/],
    [1.9, undefined, /the load of 1.9 days is known, 2 are needed/],
    [2, 'daily', /forecasts of 0 hours were compared with the load, 12 are needed/],
    [2.25, 'daily', /forecasts of 5 hours were compared/],
    [3, 'daily', /off by .* of the load in the last 24 hours, "as yesterday" by/],
    [14, 'daily', /"as yesterday"/],
    [15, 'weekly', /"as last week"/],
    [40, 'weekly', /"as last week"/],
  ])('%d days', (days, season, reason) => {
    const learned = at(days);
    expect(learned.season).toBe(season);
    expect(learned.reason).toMatch(reason);
    if (/learning/.test(learned.reason)) expect(learned).toMatchObject({ reliable: false, minReplicas: 2 });
  });

  test('a weekend is known as one after two weeks', () => {
    const saturday = START + 19 * DAY + 12 * HOUR;
    const learned = recommend({ ...SETTING, history: historyOf(19.5), now: saturday });
    expect(learned.forecast.at(-1)?.mean).toBeCloseTo(6.1, 0);
  });
});

test('raises minReplicas before the load comes, and lets it go afterwards', () => {
  // Work begins at 7:00: at 6:51 the forecast sees the next half hour, the load does not show it yet.
  const before = at(21 + 6.85 / 24);
  expect(office(START + 21 * DAY + 6.84 * HOUR)).toBeLessThan(1.3);
  expect(before.reliable).toBe(true);
  expect(before.forecast.map((point) => Math.round(point.mean))).toEqual([1, 1, 3]);
  expect(before.minReplicas).toBeGreaterThanOrEqual(3);
  expect(at(21 + 12 / 24).minReplicas).toBeGreaterThanOrEqual(11);
  expect(at(21 + 22 / 24).minReplicas).toBe(2);
});

test('the forecast begins with the ten minutes under way and ends behind the horizon, within its band', () => {
  const now = START + 21 * DAY + 8 * HOUR + 3 * MINUTE;
  const { forecast, error, naiveError } = at(21 + 8 / 24, { now });
  expect(forecast.map((point) => (point.at - now) / MINUTE)).toEqual([-3, 7, 17]);
  for (const { low, mean, high } of forecast) {
    expect(low).toBeGreaterThanOrEqual(0);
    expect(low).toBeLessThanOrEqual(mean);
    expect(high).toBeGreaterThanOrEqual(mean);
  }
  expect(error).toBeLessThan(naiveError as number);
});

test('pure: the same answer to the same question, and the same within ten minutes', () => {
  const first = at(21.3);
  expect(at(21.3)).toEqual(first);
  const later = at(21.3, { now: START + 21.3 * DAY + 4 * MINUTE, state: first.state });
  expect(later.minReplicas).toBe(first.minReplicas);
  expect(later.state).toEqual(first.state);
});

test('the state is small, and not needed', () => {
  const { state, minReplicas } = at(21.5);
  expect(JSON.stringify(state).length).toBeLessThan(220);
  expect(at(21.5, { state: JSON.parse(JSON.stringify(state)) }).minReplicas).toBe(minReplicas);
});

test('goes up whenever it has to, and down once in half an hour at most', () => {
  const made = live(historyOf(21), START + 21 * DAY, 5, office);
  let lowered = Number.NEGATIVE_INFINITY;
  made.forEach(({ minReplicas, state }, index) => {
    const now = START + 21 * DAY + index * 10 * MINUTE;
    const before = made[index - 1]?.minReplicas ?? minReplicas;
    if (minReplicas !== before) expect(state.changedAt).toBe(now);
    if (minReplicas >= before) return;
    expect(now - lowered).toBeGreaterThanOrEqual(30 * MINUTE);
    lowered = now;
  });
  // At work the load goes to and fro between what 11 and 12 pods carry.
  const changes = made.filter(({ minReplicas }, index) => {
    const hour = (index / 6) % 24;
    return hour > 9 && hour < 18 && minReplicas !== made[index - 1]?.minReplicas;
  });
  expect(changes).toEqual([]);
  expect(Math.max(...made.map(({ minReplicas }) => minReplicas))).toBeGreaterThanOrEqual(11);
  expect(Math.min(...made.map(({ minReplicas }) => minReplicas))).toBe(2);
});

describe('a forecast that turns out wrong', () => {
  // From the fourth week on, load comes and goes by no clock.
  const broken = START + 21 * DAY;
  const steps = (at: number) => (noise(Math.floor(at / (3 * HOUR)) * 77 * MINUTE) > 0.5 ? 12 : 1);
  const load = (at: number) => (at < broken ? office(at) : at < broken + 9 * DAY ? steps(at) : office(at));
  const made = live(historyOf(21), broken, 45, load);
  const share = (from: number, to: number) =>
    made.slice(from * 144, to * 144).filter(({ reliable }) => reliable).length / ((to - from) * 144);

  test('is not followed any more within a day: the autoscaler is left to itself', () => {
    expect(made[0]?.reliable).toBe(true);
    expect(share(1, 9)).toBeLessThan(0.1);
    const fallen = made.find(({ reliable }) => !reliable);
    expect(fallen?.minReplicas).toBe(2);
    expect(fallen?.reason).toMatch(/^not enough better than a naive forecast: it was off by \d.* %/);
    expect(fallen?.error).toBeGreaterThanOrEqual(fallen?.naiveError as number);
  });

  test('is followed again when it is right again', () => {
    expect(share(40, 45)).toBe(1);
  });
});

test('metrics that fail: what was is not gone on with for more than an hour, and what comes back is taken up', () => {
  const history = historyOf(21.5);
  const now = START + 21.5 * DAY;
  expect(recommend({ ...SETTING, history, now: now + 40 * MINUTE }).reliable).toBe(true);
  const lost = recommend({ ...SETTING, history, now: now + 2 * HOUR });
  expect(lost).toMatchObject({
    reliable: false,
    minReplicas: 2,
    reason: 'the load of the last 120 minutes is not known',
  });
  history.add(now + 2 * HOUR, office(now + 2 * HOUR));
  expect(recommend({ ...SETTING, history, now: now + 2 * HOUR + 10 * MINUTE }).reliable).toBe(true);
});

test.each([
  ['no load at all', () => 0, /no load|not enough better/],
  ['always the same load', () => 5, /./],
])('%s', (_what, load, reason) => {
  const made = recommend({ ...SETTING, history: historyOf(21, load), now: START + 21 * DAY });
  expect(made.reason).toMatch(reason);
  expect(made.reliable).toBe(false);
  expect(made.minReplicas).toBe(2);
});

test('any load, any gaps, any limits: min <= minReplicas <= max, and numbers that are numbers', () => {
  const history = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1e7, noNaN: true })), {
      minLength: 300,
      maxLength: 500,
    })
    .map((samples) => {
      const made = LoadHistory.empty();
      let now = START;
      for (const [minutes, load] of samples) {
        now += minutes * 2 * MINUTE;
        made.add(now, load);
      }
      return { made, now };
    });
  fc.assert(
    fc.property(
      history,
      fc.nat(30),
      fc.nat(30),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      fc.integer({ min: 10, max: 120 }),
      fc.option(
        fc.record({
          minReplicas: fc.nat(100),
          changedAt: fc.integer({ min: 0, max: START * 2 }),
          reliable: fc.boolean(),
        }),
        { nil: undefined },
      ),
      ({ made, now }, min, more, perReplica, horizonMinutes, state) => {
        const result = recommend({
          history: made,
          now,
          horizonMinutes,
          perReplica,
          min,
          max: min + more,
          ...(state && { state }),
        });
        expect(result.minReplicas).toBeGreaterThanOrEqual(min);
        expect(result.minReplicas).toBeLessThanOrEqual(min + more);
        expect(Number.isInteger(result.minReplicas)).toBe(true);
        if (!result.reliable) expect(result.minReplicas).toBe(min);
        for (const { low, mean, high } of result.forecast) {
          expect(Number.isFinite(low + mean + high)).toBe(true);
          expect(low >= 0 && low <= mean && mean <= high).toBe(true);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  [{ perReplica: 0 }, /perReplica is 0/],
  [{ perReplica: Number.NaN }, /perReplica is NaN/],
  [{ horizonMinutes: 5 }, /horizonMinutes is 5: it must be from 10 to 120/],
  [{ min: 3, max: 2 }, /min is 3 and max is 2/],
  [{ min: -1 }, /min is -1/],
  [{ max: 2.5 }, /max is 2.5/],
])('refuses %j', (wrong, message) => {
  expect(() => at(3, wrong)).toThrow(message);
});
