import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Wait } from '../../../operator/async/wait.ts';
import { type Outcome, WorkQueue, type WorkQueueOptions } from '../../../operator/queue/work-queue.ts';
import type { RunResult } from '../../../operator/queue/work-queue-observer.ts';
import { eventually } from '../../support/eventually.ts';

/** Something to wait for that the test brings about. */
class Gate {
  open = false;
  readonly wakers = new Set<() => void>();

  readonly wait: Wait = {
    what: 'the gate to open',
    deadlineMs: 60_000,
    subscribe: (wake) => {
      if (this.open) wake();
      else this.wakers.add(wake);
      return () => this.wakers.delete(wake);
    },
  };

  openNow(): void {
    this.open = true;
    for (const wake of [...this.wakers]) wake();
  }
}

/** A queue whose keys `slow…` need the gate to be open; `runs` has every run, in order. */
function gatedQueue(options: WorkQueueOptions = {}, wait: Partial<Wait> = {}) {
  const gate = new Gate();
  const runs: string[] = [];
  const failures: { key: string; message: string; delayMs: number }[] = [];
  const results: string[] = [];
  const queue = new WorkQueue(
    async (key): Promise<Outcome | undefined> => {
      runs.push(key);
      return key.startsWith('slow') && !gate.open ? { waitFor: { ...gate.wait, ...wait } } : undefined;
    },
    {
      baseDelayMs: 20,
      onFailure: (key, error, _failures, delayMs) => failures.push({ key, message: (error as Error).message, delayMs }),
      observer: {
        added: () => {},
        started: () => {},
        timedOut: () => results.push('timed out'),
        ended: (_ranMs, result: RunResult | 'late') => results.push(result),
        retried: () => {},
      },
      ...options,
    },
  );
  queue.start();
  return { queue, gate, runs, failures, results };
}

test('a thousand parked keys occupy no slot: another key runs at once, and they run when woken', async () => {
  const { queue, gate, runs, results } = gatedQueue({ concurrency: 2 });
  for (let i = 0; i < 1_000; i++) queue.add(`slow${i}`);
  await eventually(() => queue.parked === 1_000, { everyMs: 2 });
  expect([queue.depth, queue.running, queue.idle]).toEqual([0, 0, false]);
  queue.add('other');
  await eventually(() => queue.parked === 1_000 && queue.running === 0 && runs.at(-1) === 'other', { everyMs: 2 });

  gate.openNow();
  await eventually(() => queue.idle, { everyMs: 2 });
  expect(runs.length).toBe(2_001);
  expect(gate.wakers.size).toBe(0);
  expect([results.filter((one) => one === 'parked').length, results.filter((one) => one === 'success').length]).toEqual(
    [1_000, 1_001],
  );
});

test('a wait that is over already costs one more run', async () => {
  const subscribe = (wake: () => void) => {
    gate.openNow();
    wake();
    return () => {};
  };
  const { queue, gate, runs } = gatedQueue({}, { subscribe });
  queue.add('slow');
  await eventually(() => queue.idle, { everyMs: 2 });
  expect(runs).toEqual(['slow', 'slow']);
});

test('an event requeues a parked key, and it parks again', async () => {
  const { queue, gate, runs } = gatedQueue();
  queue.add('slow');
  await eventually(() => queue.parked === 1, { everyMs: 2 });
  queue.add('slow');
  await eventually(() => runs.length === 2 && queue.parked === 1, { everyMs: 2 });
  // Each subscription ends with its parking.
  expect(gate.wakers.size).toBe(1);
  await queue.drain(0);
});

test('at its deadline a key fails, names what it waited for, and is retried with backoff', async () => {
  const { queue, runs, failures, results } = gatedQueue({}, { deadlineMs: 30, what: 'the cache to show version 4711' });
  queue.add('slow/a');
  await eventually(() => failures.length === 2, { everyMs: 2 });
  expect(failures[0]?.message).toBe('slow/a: timed out after 30 ms waiting for the cache to show version 4711');
  expect(failures[1]?.delayMs).toBeGreaterThan((failures[0]?.delayMs ?? 0) * 1.5);
  expect(runs.length).toBe(2);
  expect(results).toEqual(['parked', 'timed out', 'parked', 'timed out']);
  expect(queue.failing).toBe(1);
  await queue.drain(0);
});

test('events that requeue a parked key do not postpone its deadline', async () => {
  const { queue, failures } = gatedQueue({}, { deadlineMs: 60 });
  queue.add('slow');
  const beganAt = performance.now();
  while (failures.length === 0 && performance.now() - beganAt < 5_000) {
    await sleep(10);
    queue.add('slow');
  }
  expect(failures.length).toBeGreaterThan(0);
  await queue.drain(0);
});

test('a key that waits for another condition gets a new deadline', async () => {
  const deadlineMs = 1_500;
  const { queue, failures } = gatedQueue({}, { deadlineMs });
  let versions = 0;
  const moving = new WorkQueue(
    async () => ({ waitFor: { what: `version ${versions++}`, deadlineMs, subscribe: () => () => {} } }),
    { onFailure: () => failures.push({ key: 'moving', message: '', delayMs: 0 }) },
  );
  const began = performance.now();
  moving.start();
  for (let i = 0; i < 12; i++) {
    moving.add('moving');
    await eventually(() => moving.parked === 1, { everyMs: 1 });
    await sleep(200);
  }
  // All of them together took longer than one may.
  expect(performance.now() - began).toBeGreaterThan(deadlineMs);
  expect(versions).toBe(12);
  expect(failures).toEqual([]);
  await Promise.all([moving.drain(0), queue.drain(0)]);
});

test('a paused queue lets no key fail, and processes it later', async () => {
  const { queue, runs, failures } = gatedQueue({}, { deadlineMs: 1_000 });
  queue.add('slow');
  await eventually(() => queue.parked === 1, { everyMs: 1 });
  queue.pause();
  await eventually(() => queue.depth === 1, { everyMs: 2 });
  expect([queue.parked, failures.length, runs.length]).toEqual([0, 0, 1]);
  await queue.drain(0);
});

test('forget and drain end the waits', async () => {
  const { queue, gate, runs } = gatedQueue();
  for (const key of ['slow1', 'slow2']) queue.add(key);
  await eventually(() => queue.parked === 2, { everyMs: 2 });
  queue.forget('slow1');
  expect([queue.parked, gate.wakers.size]).toEqual([1, 1]);
  expect(await queue.drain(30_000)).toBe(true);
  expect([queue.parked, gate.wakers.size]).toEqual([0, 0]);
  gate.openNow();
  await sleep(10);
  expect(runs).toEqual(['slow1', 'slow2']);
});

test('a wait whose subscription throws is a failure', async () => {
  const subscribe = () => {
    throw new Error('no such cache');
  };
  const { queue, failures } = gatedQueue({}, { subscribe });
  queue.add('slow');
  await eventually(() => failures.length === 1, { everyMs: 2 });
  expect([failures[0]?.message, queue.parked]).toEqual(['no such cache', 0]);
  await queue.drain(0);
});
