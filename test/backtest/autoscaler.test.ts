import { expect, test } from 'vitest';
import { Autoscaler } from './autoscaler.ts';

const SETTING = { perReplica: 0.5, max: 100 };

/** Returns the first recommendation of a new autoscaler. */
function first(usage: number, ready: number, starting = 0, min = 1): number {
  return new Autoscaler(SETTING).sync(0, usage, { ready, starting }, min);
}

// From https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
test.each([
  ['twice the target: twice the pods', first(4, 4), 8],
  ['half the target: half the pods', first(1, 4), 2],
  ['rounded up', first(2.3, 4), 5],
  ['10 % above the target is tolerated', first(2.19, 4), 4],
  ['10 % below, too', first(1.81, 4), 4],
  ['pods that are not ready count as idle when more are wanted: these are enough', first(4, 4, 4), 8],
  ['and these are not', first(6, 4, 4), 12],
  ['more would be wanted, but with those that are starting fewer: nothing', first(2.4, 4, 4), 8],
  ['pods that are not ready do not count when fewer are wanted', first(1, 4, 2), 2],
  ['no pod is ready: nothing is known', first(0, 0, 3), 3],
  ['at most 100 % more', first(50, 10), 20],
  ['or 4 pods', first(50, 2), 6],
  ['at least the minimum, at once', first(1, 2, 0, 9), 9],
  ['at most the maximum', first(80, 80), 100],
])('%s', (_what, is, expected) => {
  expect(is).toBe(expected);
});

test('scales down to the highest recommendation of the last five minutes', () => {
  const autoscaler = new Autoscaler(SETTING);
  const at = (now: number, usage: number) => autoscaler.sync(now, usage, { ready: 10, starting: 0 }, 1);
  expect(at(0, 5)).toBe(10);
  expect(at(15, 3)).toBe(10);
  expect(at(30, 1)).toBe(10);
  expect(at(285, 1)).toBe(10);
  expect(at(300, 1)).toBe(6);
  expect(at(315, 1)).toBe(2);
});

test('a lowered minimum takes effect', () => {
  const autoscaler = new Autoscaler(SETTING);
  for (let now = 0; now <= 300; now += 15) expect(autoscaler.sync(now, 1, { ready: 8, starting: 0 }, 8)).toBe(8);
  expect(autoscaler.sync(315, 1, { ready: 8, starting: 0 }, 1)).toBe(2);
});
