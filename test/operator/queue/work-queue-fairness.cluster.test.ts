import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { WorkQueue, type WorkQueueOptions } from '../../../operator/queue/work-queue.ts';
import { eventually } from '../../support/eventually.ts';

/** Runs one key at a time, each for a moment. @returns the order of the runs */
async function orderOf(fill: (queue: WorkQueue) => void, runs: number): Promise<string[]> {
  const order: string[] = [];
  const queue = new WorkQueue(
    async (key) => {
      order.push(key);
      return undefined;
    },
    { concurrency: 1 },
  );
  fill(queue);
  queue.start();
  await eventually(() => order.length >= runs, { everyMs: 1 });
  await queue.drain(0);
  return order;
}

/** A queue whose runs end when the test says so. */
function heldQueue(options: WorkQueueOptions) {
  const started: string[] = [];
  const held = new Map<string, () => void>();
  let overlaps = 0;
  const queue = new WorkQueue((key) => {
    if (held.has(key)) overlaps++;
    started.push(key);
    return new Promise<undefined>((resolve) => {
      held.set(key, () => {
        held.delete(key);
        resolve(undefined);
      });
    });
  }, options);
  queue.start();
  return { queue, started, held, end: (key: string) => held.get(key)?.(), overlaps: () => overlaps };
}

test('namespaces take turns, and within a namespace keys are first in, first out', async () => {
  const order = await orderOf((queue) => {
    for (let i = 0; i < 100; i++) queue.add(`flood/${i}`);
    for (const key of ['calm/a', 'calm/b', 'cluster-scoped']) queue.add(key);
  }, 103);
  expect(order.slice(0, 7)).toEqual(['flood/0', 'calm/a', 'cluster-scoped', 'flood/1', 'calm/b', 'flood/2', 'flood/3']);
  expect(order.filter((key) => key.startsWith('flood'))).toEqual(Array.from({ length: 100 }, (_, i) => `flood/${i}`));
});

test('an endless flood of events delays neither another namespace nor resyncs', async () => {
  const order: string[] = [];
  const queue = new WorkQueue(
    async (key) => {
      order.push(key);
      // The flood goes on for as long as the queue works.
      for (let i = 0; i < 2; i++) queue.add(`flood/${order.length}-${i}`);
      return undefined;
    },
    { concurrency: 1 },
  );
  for (let i = 0; i < 100; i++) queue.add(`flood/first-${i}`);
  queue.add('calm/event');
  for (let i = 0; i < 4; i++) queue.add(`calm/resync-${i}`, 'resync');
  queue.start();
  await eventually(() => order.length > 100, { everyMs: 1 });
  queue.pause();
  expect(order.indexOf('calm/event')).toBe(1);
  expect([0, 1, 2, 3].map((i) => order.indexOf(`calm/resync-${i}`))).toEqual([15, 31, 47, 63]);
  await queue.drain(0);
});

test('a slow run releases its slot, and stays the only run of its key', async () => {
  // Long enough for the first expectations.
  const { queue, started, end, overlaps } = heldQueue({ concurrency: 1, slowAfterMs: 1_500 });
  queue.add('a/slow');
  queue.add('b/next');
  await eventually(() => started.length > 0, { everyMs: 1 });
  expect(started).toEqual(['a/slow']);
  await eventually(() => started.length === 2, { everyMs: 2 });
  queue.add('a/slow');
  await eventually(() => queue.slow === 2, { everyMs: 2 });
  expect(started).toEqual(['a/slow', 'b/next']);
  expect(queue.running).toBe(2);
  end('a/slow');
  await eventually(() => started.length === 3, { everyMs: 2 });
  expect(started[2]).toBe('a/slow');
  expect(overlaps()).toBe(0);
  for (const key of started) end(key);
  await eventually(() => queue.running === 0 && queue.slow === 0, { everyMs: 2 });
});

test('while all runs of a namespace hang, other namespaces continue and it waits at its limit', async () => {
  const { queue, started, end } = heldQueue({ slowAfterMs: 5 });
  for (let i = 0; i < 500; i++) queue.add(`hangs/${i}`);
  await eventually(() => queue.slow === 32, { everyMs: 2 });
  await sleep(30);
  expect(started.length).toBe(32);
  queue.add('fine/a');
  await eventually(() => started.includes('fine/a'), { everyMs: 1 });
  // What ends makes room for one more.
  end('hangs/7');
  await eventually(() => started.length === 34, { everyMs: 2 });
  expect(started.at(-1)).toBe('hangs/32');
  await queue.drain(0);
});

test('slow runs never exceed the limit: beyond it runs keep their slots until one ends', async () => {
  const { queue, started, end } = heldQueue({ concurrency: 2, slowAfterMs: 5, maxSlowRuns: 3 });
  for (let i = 0; i < 20; i++) queue.add(`namespace-${i}/a`);
  await eventually(() => started.length === 5, { everyMs: 2 });
  await sleep(30);
  expect([started.length, queue.slow, queue.running]).toEqual([5, 3, 5]);
  end(started[0] ?? '');
  await eventually(() => started.length === 6, { everyMs: 2 });
  expect(queue.slow).toBe(3);
  await queue.drain(0);
});

test('a run past its timeout counts as slow, so that runs that never end are limited too', async () => {
  const { queue, started } = heldQueue({ concurrency: 1, slowAfterMs: 60_000, runTimeoutMs: 5, maxSlowRuns: 2 });
  for (let i = 0; i < 9; i++) queue.add(`${i}/a`);
  await eventually(() => started.length === 3, { everyMs: 2 });
  await sleep(30);
  expect([started.length, queue.slow]).toEqual([3, 2]);
  await queue.drain(0);
});
