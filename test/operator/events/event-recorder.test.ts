import type { ServerResponse } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { EventRecorder } from '../../../operator/events/event-recorder.ts';
import type { StoredObject } from '../../../operator/kubernetes-object.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { answerJson, startPlainServer } from '../../support/plain-server.ts';

const OBJECT = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'a', uid: 'u', resourceVersion: '1' },
} as StoredObject;
const POD = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
const EVENTS = 'POST /apis/events.k8s.io/v1/namespaces/a/events';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** A recorder on a server that answers Events only when told to, and everything else at once. */
async function start(options: { requestTimeoutMs?: number } = {}) {
  const held: (() => void)[] = [];
  let holding = true;
  const server = await startPlainServer((request, response: ServerResponse) => {
    const answer = () => answerJson(response, { apiVersion: 'v1', kind: 'Any', metadata: {} });
    if (holding && request.method === 'POST') held.push(answer);
    else answer();
  });
  const queuedSeconds: number[] = [];
  const client = new ApiClient({
    kubeConfig: server.kubeConfig,
    userAgent: 'test',
    maxConcurrentRequests: 2,
    onRequest: (observation) => queuedSeconds.push(observation.queuedSeconds),
    ...options,
  });
  open.push(server, { [Symbol.asyncDispose]: () => client.close() });
  const log: { message: string; fields: Record<string, unknown> }[] = [];
  const logger = { warn: (message: string, fields: Record<string, unknown>) => log.push({ message, fields }) };
  const recorder = new EventRecorder(client, 'tester', logger as never);
  const record = (from: number, to: number) => {
    for (let i = from; i < to; i++)
      recorder.record(OBJECT, { type: 'Normal', reason: 'Testing', action: 'Test', note: `note ${i}` });
  };
  const release = () => {
    holding = false;
    for (const answer of held.splice(0)) answer();
  };
  const written = () => server.log.filter(({ request }) => request === EVENTS).length;
  return { client, server, recorder, record, release, written, log, queuedSeconds };
}

it('keeps 256 Events at most and drops the oldest, which is logged once in a burst', async () => {
  const { recorder, record, release, written, log } = await start();
  record(0, 2 + 256);
  expect(recorder.dropped).toBe(0);
  expect(log).toEqual([]);
  record(258, 1_258);
  expect(recorder.dropped).toBe(1_000);
  expect(log).toEqual([
    {
      message: 'Event queue full, dropping the oldest Event',
      fields: { pending: 256, reason: 'Testing' },
    },
  ]);
  release();
  await recorder.flush(10_000);
  expect(written()).toBe(2 + 256);
  expect(log.slice(1)).toEqual([
    { message: 'Dropped Events that could not be written in time', fields: { dropped: 1_000 } },
  ]);
  // The next burst is logged again.
  record(2_000, 2_001);
  await recorder.flush(10_000);
  expect(log).toHaveLength(2);
});

it('delays no other request of its client, however many Events hang', async () => {
  // Not even until the places of the Events come back, which are slow after 0.5 s. A busy machine may delay one of them.
  const waits: (number | undefined)[] = [];
  for (let round = 0; round < 4; round++) {
    const { client, record, queuedSeconds } = await start();
    record(0, 200);
    await client.get(POD, 'a', 'p');
    waits.push(queuedSeconds[0]);
  }
  expect(Math.min(...waits.map((wait) => wait ?? Number.POSITIVE_INFINITY))).toBeLessThan(0.25);

  const { client, record, server } = await start();
  record(0, 200);
  await Promise.all(Array.from({ length: 20 }, () => client.get(POD, 'a', 'p')));
  // Two Events are under way beside two requests.
  expect(server.connections.most).toBe(4);
});

it('flush() stops at its deadline and reports how many Events were lost', async () => {
  const { recorder, record, written, log } = await start();
  record(0, 12);
  const started = performance.now();
  await recorder.flush(200);
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(written()).toBe(2);
  expect(log).toEqual([{ message: 'Dropped Events that could not be written in time', fields: { dropped: 10 } }]);
  expect(recorder.dropped).toBe(10);
});

it('continues after Events that could not be written', async () => {
  const { recorder, record, release, written, log } = await start({ requestTimeoutMs: 200 });
  record(0, 2);
  await recorder.flush(10_000);
  expect(log).toHaveLength(2);
  expect(log[0]).toMatchObject({ message: 'Could not write Event', fields: { reason: 'Testing' } });
  release();
  record(2, 5);
  await recorder.flush(10_000);
  expect(written()).toBe(5);
  expect(log).toHaveLength(2);
});
