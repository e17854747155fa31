import { expect, test } from 'vitest';
import { numberOf, ScalingHistory } from '../../../src/dashboard/page/scaling-history.js';
import { view } from './hand-made-views.ts';

function seen(ready: number, replicas: number, current?: string) {
  const scaling = { min: 1, max: 5, metrics: [{ name: 'cpu', ...(current && { current }), target: '70%' }] };
  return view({ components: [{ name: 'model', ready, replicas, image: 'shop', ...(current && { scaling }) }] });
}

test('the history has one point per change of each value', () => {
  const history = new ScalingHistory();
  expect(history.from).toBeUndefined();
  history.add(seen(1, 1, '20%'), 1_000);
  history.add(seen(1, 1, '20%'), 2_000);
  history.add(seen(1, 3, '95%'), 3_000);
  expect(history.from).toBe(1_000);
  const of = (what: string) => history.points('model', what).map(({ at, value }) => [at, value]);
  expect(of('desired')).toEqual([
    [1_000, 1],
    [3_000, 3],
  ]);
  expect(of('ready')).toEqual([
    [1_000, 1],
    [3_000, 1],
  ]);
  expect(of('current cpu')).toEqual([
    [1_000, 20],
    [3_000, 95],
  ]);
  expect(of('target cpu')).toEqual([
    [1_000, 70],
    [3_000, 70],
  ]);
  expect(of('max')).toEqual([
    [1_000, 5],
    [3_000, 5],
  ]);
  expect(history.points('view', 'ready')).toEqual([]);
});

test('values are unknown while disconnected', () => {
  const history = new ScalingHistory();
  history.add(seen(2, 2), 1_000);
  history.gap(2_000);
  history.gap(3_000);
  history.add(seen(2, 2), 4_000);
  expect(history.points('model', 'ready').map(({ at, value }) => [at, value])).toEqual([
    [1_000, 2],
    [2_000, undefined],
    [4_000, 2],
  ]);
});

test('the number of samples is bounded', () => {
  const history = new ScalingHistory();
  for (let at = 0; at < 5_000; at++) history.add(seen(at % 2, 2), at);
  const points = history.points('model', 'ready');
  expect(points).toHaveLength(2_000);
  expect(points.at(-1)?.at).toBe(4_999);
});

test.each([
  ['70%', 70],
  ['200m', 0.2],
  ['64Mi', 67_108_864],
  ['1.5k', 1_500],
  ['12', 12],
  ['much', undefined],
  ['5x', undefined],
])('%s is parsed as %s', (text, number) => expect(numberOf(text)).toBe(number));
