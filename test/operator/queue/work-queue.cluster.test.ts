import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { backoffMs } from '../../../operator/async/backoff.ts';
import { WorkQueue } from '../../../operator/queue/work-queue.ts';
import { eventually } from '../../support/eventually.ts';
import { loopTurns } from '../../support/loop-turns.ts';

/** A queue whose runs end when the test says so. */
function gated(options: ConstructorParameters<typeof WorkQueue>[1] = {}) {
  const started: string[] = [];
  const gates: { key: string; open: () => void; fail: (error: Error) => void }[] = [];
  const queue = new WorkQueue((key) => {
    started.push(key);
    return new Promise<undefined>((resolve, reject) => {
      gates.push({ key, open: () => resolve(undefined), fail: reject });
    });
  }, options);
  return { queue, started, gates };
}

test('a key waits once however often it is added', async () => {
  const { queue, started, gates } = gated({ concurrency: 1 });
  for (let i = 0; i < 10; i++) queue.add('a');
  queue.start();
  expect(started).toEqual(['a']);
  gates[0]?.open();
  await loopTurns();
  expect(started).toEqual(['a']);
  expect(queue.idle).toBe(true);
});

test('a key added while it is processed is processed once more, not at the same time', async () => {
  const { queue, started, gates } = gated({ concurrency: 4 });
  queue.start();
  queue.add('a');
  queue.add('a');
  queue.add('a');
  await loopTurns();
  expect(started).toEqual(['a']);
  gates[0]?.open();
  await loopTurns();
  expect(started).toEqual(['a', 'a']);
  gates[1]?.open();
  await loopTurns();
  expect(started).toEqual(['a', 'a']);
});

test('different keys are processed concurrently, up to the limit', async () => {
  const { queue, started } = gated({ concurrency: 3 });
  queue.start();
  for (const key of 'abcde') queue.add(key);
  await loopTurns();
  expect(started).toEqual(['a', 'b', 'c']);
  expect(queue.depth).toBe(2);
});

test('events go before resyncs, and an event moves a waiting resync up', async () => {
  const { queue, started, gates } = gated({ concurrency: 1 });
  for (const key of 'abc') queue.add(key, 'resync');
  queue.add('x');
  queue.add('c');
  queue.start();
  for (let i = 0; i < 5; i++) {
    gates[i]?.open();
    await loopTurns();
  }
  expect(started).toEqual(['x', 'c', 'a', 'b']);
});

test('a failing key backs off by itself and delays no other key', async () => {
  const runs: Record<string, number> = {};
  const delays: number[] = [];
  const queue = new WorkQueue(
    async (key) => {
      runs[key] = (runs[key] ?? 0) + 1;
      if (key === 'poison') throw new Error('no');
      return undefined;
    },
    { concurrency: 1, baseDelayMs: 8, onFailure: (_key, _error, _failures, delayMs) => delays.push(delayMs) },
  );
  queue.start();
  queue.add('poison');
  for (let i = 0; i < 50; i++) queue.add(`good-${i}`);
  await eventually(() => delays.length >= 4, { everyMs: 5 });
  expect(Object.keys(runs)).toHaveLength(51);
  for (let i = 1; i < delays.length; i++) expect(delays[i]).toBeGreaterThan((delays[i - 1] ?? 0) * 1.5);
  await queue.drain(100);
});

test('a run that never ends loses its slot, but its key is never run twice at once', async () => {
  const started: string[] = [];
  const aborted: string[] = [];
  const queue = new WorkQueue(
    (key, signal) => {
      started.push(key);
      if (key !== 'stuck') return Promise.resolve(undefined);
      signal.addEventListener('abort', () => aborted.push(String(signal.reason.message)));
      return new Promise(() => {});
    },
    { concurrency: 1, runTimeoutMs: 20 },
  );
  queue.start();
  queue.add('stuck');
  queue.add('next');
  queue.add('stuck');
  await eventually(() => started.length > 1, { everyMs: 5 });
  await sleep(60);
  expect(started).toEqual(['stuck', 'next']);
  expect(aborted[0]).toContain('stuck: run timed out after 20 ms');
});

test('requeueAfterMs requeues a key, and an event in between replaces it', async () => {
  let runs = 0;
  const queue = new WorkQueue(async () => (++runs < 3 ? { requeueAfterMs: 10 } : undefined));
  queue.start();
  queue.add('a');
  await eventually(() => runs === 3, { everyMs: 5 });
  await sleep(50);
  expect(runs).toBe(3);

  let asked = 0;
  const patient = new WorkQueue(async () => (++asked === 1 ? { requeueAfterMs: 1_000 } : undefined));
  patient.start();
  patient.add('a');
  await eventually(() => asked === 1, { everyMs: 5 });
  patient.add('a');
  await eventually(() => asked === 2, { everyMs: 5 });
  await sleep(1_500);
  expect(asked).toBe(2);
});

test('drain drops waiting keys, lets runs end, and rejects new keys', async () => {
  const { queue, started, gates } = gated({ concurrency: 1 });
  queue.start();
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 1);
  const drained = queue.drain(30_000);
  queue.add('d');
  gates[0]?.open();
  expect(await drained).toBe(true);
  await sleep(10);
  expect(started).toEqual(['a']);
});

test('drain aborts the runs at its deadline', async () => {
  let reason = '';
  const queue = new WorkQueue((_key, signal) => {
    signal.addEventListener('abort', () => {
      reason = signal.reason.message;
    });
    return new Promise(() => {});
  });
  queue.start();
  queue.add('a');
  expect(await queue.drain(20)).toBe(false);
  expect(reason).toContain('20 ms');
});

test('backoff doubles, is capped and jittered downwards', () => {
  const delays = { baseMs: 50, maxMs: 1_000, jitter: 0.2 };
  expect([1, 2, 3, 20].map((failures) => backoffMs(failures, delays, () => 1))).toEqual([50, 100, 200, 1_000]);
  expect(backoffMs(1, delays, () => 0)).toBe(40);
});
