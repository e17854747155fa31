import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { stuckRunCheck } from '../../../operator/health/stuck-run-check.ts';
import { WorkQueue } from '../../../operator/queue/work-queue.ts';
import { eventually } from '../../support/eventually.ts';
import { loopTurns } from '../../support/loop-turns.ts';

test('a run that times out is reported once, and its key is requeued when it has ended', async () => {
  const failures: string[] = [];
  const gate = Promise.withResolvers<undefined>();
  let runs = 0;
  const queue = new WorkQueue(() => (++runs === 1 ? gate.promise : Promise.resolve(undefined)), {
    runTimeoutMs: 20,
    baseDelayMs: 5,
    onFailure: (key, error) => failures.push(`${key}|${(error as Error).message}`),
  });
  queue.start();
  queue.add('a/b');
  await eventually(() => failures.length === 1, { everyMs: 2 });
  expect(failures[0]).toMatch(/^a\/b\|a\/b: run timed out after 20 ms/);
  expect([queue.failing, queue.running, runs]).toEqual([1, 1, 1]);
  await sleep(50);
  expect(runs).toBe(1);
  gate.reject(new Error('the signal aborted'));
  await eventually(() => runs === 2 && queue.idle, { everyMs: 2 });
  expect(failures.length).toBe(1);
  expect(queue.failing).toBe(0);
});

/** Long enough for what is expected before it. */
const STUCK_MS = 250;

test('a run that does not end is reported as stuck, at doubling intervals', async () => {
  const reports: number[] = [];
  const queue = new WorkQueue((key) => (key === 'fine' ? Promise.resolve(undefined) : new Promise(() => {})), {
    runTimeoutMs: 5,
    stuckAfterMs: STUCK_MS,
    onStuck: (key, ms) => {
      expect(key).toBe('a/stuck');
      reports.push(ms);
    },
  });
  queue.start();
  expect([queue.stuck, queue.stuckFor(0)]).toEqual([0, undefined]);
  queue.add('a/stuck');
  queue.add('fine');
  await loopTurns();
  expect([queue.stuck, queue.stuckFor()]).toEqual([0, undefined]);
  await eventually(() => reports.length === 4, { everyMs: 2 });
  for (const [index, ms] of reports.entries()) expect(ms).toBeGreaterThanOrEqual(STUCK_MS * 2 ** index - 2);
  expect(queue.stuck).toBe(1);
  expect(queue.stuckFor()?.key).toBe('a/stuck');
  expect(queue.stuckFor(100)?.ms).toBeGreaterThan(100);
  expect(queue.stuckFor(3_600_000)).toBeUndefined();
  await queue.drain(0);
});

test('failing keys are counted, with how long the oldest has been failing', async () => {
  let broken = true;
  const queue = new WorkQueue(
    async (key) => {
      if (broken && key !== 'fine') throw new Error('no');
      return undefined;
    },
    { baseDelayMs: 5 },
  );
  queue.start();
  queue.add('a/old');
  await eventually(() => queue.failing === 1, { everyMs: 1 });
  await sleep(40);
  queue.add('a/new');
  queue.add('fine');
  await eventually(() => queue.failing === 2, { everyMs: 1 });
  expect(queue.oldestFailureMs).toBeGreaterThanOrEqual(30);
  broken = false;
  await eventually(() => queue.failing === 0, { everyMs: 2 });
  expect(queue.oldestFailureMs).toBe(0);
});

test('the check of stuck runs names the queue, the key and the duration', () => {
  const queues = [
    { name: 'Fine', queue: { stuckFor: () => undefined } },
    {
      name: 'ShopController',
      queue: {
        stuckFor: (leastMs = 0) => (leastMs <= 750_000 ? { key: 'a/shop', ms: 750_000 } : undefined),
      },
    },
  ];
  expect(stuckRunCheck(() => queues, 600_000)()).toBe(
    'ShopController: the handler of a/shop has not returned for 12 min; restart the operator',
  );
  expect(stuckRunCheck(() => queues, 900_000)()).toBeUndefined();
});
