import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { shareLoop } from '../../../operator/async/loop-share.ts';
import { WorkQueue } from '../../../operator/queue/work-queue.ts';
import { burnCpu, measureCpuStretches } from '../../support/cpu-stretches.ts';
import { eventually } from '../../support/eventually.ts';

/** What a run computes before it awaits anything real, milliseconds of CPU time. */
const COST_MS = 4;

test('D8: 750 runs without I/O yield to the event loop: timers and sockets are served in between', async () => {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await eventually(() => server.listening, { everyMs: 1 });
  const { port } = server.address() as AddressInfo;
  let answers = 0;
  let asking = true;
  const ask = () =>
    get({ port, host: '127.0.0.1', agent: false }, (response) => {
      response.resume().on('end', () => {
        answers++;
        asking = runs < 750;
        if (asking) ask();
      });
    });

  let runs = 0;
  const queue = new WorkQueue(async () => {
    // The work comes after an await that is none: it is done in microtasks, when all places are taken.
    await undefined;
    burnCpu(COST_MS);
    runs++;
    return { unchanged: true };
  });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  for (let i = 0; i < 750; i++) queue.add(`namespace-${i % 7}/${i}`, 'resync');
  const ended = measureCpuStretches();
  queue.start();
  ask();
  await eventually(() => runs === 750, { everyMs: 20, timeoutMs: 110_000 });
  const { maxMs, count } = ended();
  clearInterval(timer);
  await eventually(() => !asking, { everyMs: 1 });
  server.close();
  // A share of the loop, the run that went over it, and what else the turn did.
  expect(maxMs).toBeLessThan(100);
  expect(count).toBeGreaterThan(100);
  expect(ticks).toBeGreaterThan(50);
  expect(answers).toBeGreaterThan(10);
});

test('queues and loops that share the event loop do not delay each other', async () => {
  const done = [0, 0, 0];
  const queues = [0, 1].map((index) => {
    const queue = new WorkQueue(async () => {
      burnCpu(COST_MS);
      done[index] = (done[index] ?? 0) + 1;
      return undefined;
    });
    for (let i = 0; i < 200; i++) queue.add(`${i}`);
    queue.start();
    return queue;
  });
  const ended = measureCpuStretches();
  const loop = (async () => {
    for (let i = 0; i < 200; i++) {
      burnCpu(COST_MS);
      done[2] = (done[2] ?? 0) + 1;
      await shareLoop();
    }
  })();
  await eventually(() => done.some((count) => count >= 100), { everyMs: 1 });
  // Each has its part.
  expect(Math.min(...done)).toBeGreaterThan(30);
  await loop;
  await eventually(() => done.every((count) => count === 200), { everyMs: 5 });
  expect(ended().maxMs).toBeLessThan(100);
  await Promise.all(queues.map((queue) => queue.drain(0)));
});
