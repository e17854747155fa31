import { expect, test } from 'vitest';
import { type Learned, learn, learnedOf, merged, recordOf, SAVE_EVERY_MS } from '../../../src/scaling/learned.ts';
import { LoadHistory } from '../../../src/scaling/predictive/index.ts';
import { NO_HISTORY, observed } from '../../../src/scaling/vertical/index.ts';
import { loadText, usageText } from './learned-loads.ts';

const NOW = new Date(Date.UTC(2026, 0, 5, 12));
const KEPT = { usage: ['model'], load: ['model'] } as const;
const STATE = { minReplicas: 3, changedAt: NOW.getTime(), reliable: true };
const learned = (): Learned => ({
  model: {
    usage: observed(NO_HISTORY, NOW.getTime(), [{ cpu: 0.1, memory: 1e8 }]),
    load: LoadHistory.empty(),
    state: STATE,
  },
});
const after = (ms: number) => new Date(NOW.getTime() + ms);

test('written at the first look, then once an hour, and at once when it is lost', () => {
  const first = recordOf(undefined, learned(), KEPT, NOW);
  expect(Object.keys(first ?? {})).toEqual(['savedAt', 'model.usage', 'model.load', 'model.state']);
  expect(recordOf(first, learned(), KEPT, after(SAVE_EVERY_MS - 1))).toBe(first);
  expect(recordOf(first, learned(), KEPT, after(SAVE_EVERY_MS))?.savedAt).toBe(after(SAVE_EVERY_MS).toISOString());
  // A clock that was set back.
  expect(recordOf(first, learned(), KEPT, after(-1))?.savedAt).toBe(after(-1).toISOString());
  expect(recordOf({ ...first, savedAt: 'yesterday' }, learned(), KEPT, NOW)?.savedAt).toBe(NOW.toISOString());
});

test('a component that was first seen later is written at once, and then waits like the others', () => {
  const both = { usage: ['model', 'view'], load: ['model'] } as const;
  const first = recordOf(undefined, learned(), both, NOW);
  expect(recordOf(first, learned(), both, after(60_000))).toBe(first);
  const more = { ...learned(), view: learned().model as NonNullable<Learned['model']> };
  const second = recordOf(first, more, both, after(60_000));
  expect(second).toMatchObject({ savedAt: after(60_000).toISOString(), 'view.usage': expect.any(String) });
  expect(recordOf(second, more, both, after(120_000))).toBe(second);
  const forecast = { ...both, load: ['model', 'view'] } as const;
  expect(recordOf(second, more, forecast, after(120_000))).toHaveProperty(['view.load']);
});

test('only what is wanted is kept, and nothing while nothing is known', () => {
  expect(recordOf(undefined, {}, KEPT, NOW)).toBeUndefined();
  expect(recordOf(undefined, { model: { usage: NO_HISTORY, load: LoadHistory.empty() } }, KEPT, NOW)).toBeUndefined();
  const usageOnly = recordOf(undefined, learned(), { usage: ['model'], load: [] }, NOW);
  expect(Object.keys(usageOnly ?? {})).toEqual(['savedAt', 'model.usage']);
  expect(recordOf(undefined, learned(), { usage: ['view'], load: [] }, NOW)).toBeUndefined();
});

test('what was written is read', () => {
  const usage = usageText({ cpu: 0.1, memory: 1e8 }, NOW.getTime());
  const load = loadText({ low: 1, high: 2, now: NOW.getTime() });
  const record = { 'model.usage': usage, 'model.load': load, 'model.state': JSON.stringify(STATE) };
  const { learned: read, problems } = learnedOf(record, 'model');
  expect(problems).toEqual([]);
  expect(read.state).toEqual(STATE);
  const again = recordOf(undefined, { model: read }, KEPT, NOW);
  expect(again).toEqual({ savedAt: NOW.toISOString(), ...record });
  expect(learnedOf(record, 'view').learned.usage).toBe(NO_HISTORY);
});

test('a look adds to both, once; a kill to the use', () => {
  const [at, later] = [NOW.getTime(), NOW.getTime() + 660_000];
  const empty = { usage: NO_HISTORY, load: LoadHistory.empty() };
  const pods = [0.5, 1].map((cpu) => ({ cpu, memory: 1e8 }));
  const once = learn(empty, { at, pods }, []);
  const twice = learn(learn(once, { at, pods }, []), { at: later, pods }, []);
  expect([...twice.load.known(later).values]).toEqual([expect.closeTo(1.5, 2)]);
  expect(once.usage).toEqual(learn(once, { at, pods }, []).usage);
  expect(learn(twice, undefined, [{ at: later, had: 2e8 }]).usage.oomPeak).toBeGreaterThan(2e8);
  expect(learn(twice, undefined, []).usage).toBe(twice.usage);
});

test('what another operator wrote down meanwhile is put together with what this one knows', () => {
  const day = 86_400_000;
  const [old, later] = [NOW.getTime() - 2 * day, NOW.getTime()].map((now) => ({
    'model.usage': usageText({ cpu: 0.1, memory: 1e8 }, now),
    'model.load': loadText({ low: 1, high: 2, now }),
  }));
  const own = learnedOf(old, 'model').learned;
  const written = learnedOf(later, 'model').learned;
  const days = (load: LoadHistory) =>
    load.known(NOW.getTime()).values.filter((value) => !Number.isNaN(value)).length / 144;
  expect(days(own.load)).toBeCloseTo(17, 0);
  const both = merged(own, written);
  expect(days(both.load)).toBeCloseTo(19, 0);
  expect(merged(undefined, written)).toBe(written);
  const short = { ...written, usage: observed(NO_HISTORY, NOW.getTime(), [{ cpu: 1, memory: 1e9 }]) };
  expect(merged(short, learnedOf(later, 'model').learned).usage.observedMs).toBeGreaterThan(day);
  expect(merged(learnedOf(later, 'model').learned, short).usage.observedMs).toBeGreaterThan(day);
});

test.each([
  [{ 'model.usage': 'v1.broken' }, ['model.usage: it is damaged']],
  [{ 'model.load': 'v0.AAAA' }, ['model.load: the load history cannot be read']],
  [{ 'model.state': '{"minReplicas":"many"}' }, []],
  [{ 'model.state': 'null' }, []],
  [{ 'model.state': '{' }, []],
])('%j cannot be read: said, and begun anew', (record, said) => {
  const { learned: read, problems } = learnedOf(record, 'model');
  expect(problems.map((problem, at) => problem.slice(0, said[at]?.length))).toEqual(said);
  expect(read.usage).toBe(NO_HISTORY);
  expect(read.state).toBeUndefined();
});
