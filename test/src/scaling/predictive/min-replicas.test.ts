import { expect, test } from 'vitest';
import { minReplicasFor } from '../../../../src/scaling/predictive/min-replicas.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 5);

function decide(load: number, before?: number, changedMinutesAgo = 60): number {
  const last = before === undefined ? undefined : { minReplicas: before, changedAt: NOW - changedMinutesAgo * MINUTE };
  return minReplicasFor(load, { perReplica: 0.5, min: 2, max: 10, now: NOW }, last);
}

test.each([
  ['as many as carry the load', decide(2.6), 5],
  ['10 % more on each is tolerated, as the autoscaler does', decide(2.75), 5],
  ['more is not', decide(2.76), 6],
  ['never below the spec', decide(0), 2],
  ['never above the spec', decide(1000), 10],
  ['up at once', decide(4.4, 3, 0), 8],
  ['down to what a load 10 % higher would need', decide(2.7, 8), 6],
  ['no change for a load that is only a little lower', decide(2.7, 6), 6],
  ['no step down within half an hour of the last change', decide(1, 8, 29), 8],
  ['one after it', decide(1, 8, 30), 2],
  ['a change that lies ahead, as the clock was set back, holds nothing up', decide(1, 8, -600), 2],
  ['the spec was changed: at most its maximum', decide(4.4, 40, 0), 10],
  ['the spec was changed: at least its minimum', decide(0, 1, 0), 2],
])('%s', (_what, is, expected) => {
  expect(is).toBe(expected);
});
