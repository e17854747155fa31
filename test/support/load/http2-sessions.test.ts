import { constants, type ServerHttp2Stream } from 'node:http2';
import { expect, test } from 'vitest';
import { FaultyServer } from './faulty-server.ts';
import { loadLane } from './one-lane.ts';

function answerStream(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'x-shop-versions': 'view=1.0.0' });
  stream.end('{}');
}

test.each<[string, string, boolean, (stream: ServerHttp2Stream) => void]>([
  ['a refused stream', 'stream refused', true, (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM)],
  ['a reset stream', 'stream reset', false, (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
  ['a closed session', 'eof', true, (stream) => stream.session?.destroy()],
])('h2c: %s fails one request', async (_name, cause, retriable, fail) => {
  let failed = 0;
  const used = new WeakSet();
  await using server = await FaultyServer.startHttp2((stream, number) => {
    const session = stream.session as object;
    if (number % 3 > 0 || !used.has(session)) {
      used.add(session);
      return answerStream(stream);
    }
    failed += 1;
    fail(stream);
  });
  const lane = await loadLane(server, 'h2c');
  expect(failed).toBeGreaterThan(5);
  expect(lane).toMatchObject({ failed, retriable: retriable ? failed : 0, failures: { [cause]: { count: failed } } });
  failed = 0;
  if (!retriable) return;
  // The retry is the next request of the server, so never one that it fails.
  failed = 0;
  const retry = await loadLane(server, 'h2c', { retry: 'all' });
  expect(failed).toBeGreaterThan(5);
  expect(retry).toMatchObject({ failed: 0, retriable: 0, retried: failed });
  const refused = cause === 'stream refused';
  failed = 0;
  const some = await loadLane(server, 'h2c', { retry: 'refused' });
  expect(failed).toBeGreaterThan(5);
  expect(some).toMatchObject(refused ? { failed: 0, retried: failed } : { failed, retriable: failed, retried: 0 });
});

test('h2c: after GOAWAY requests in flight finish, and new ones use another session', async () => {
  let goaways = 0;
  let answered = 0;
  await using server = await FaultyServer.startHttp2((stream, number) => {
    if (number % 10 === 0) {
      goaways += 1;
      stream.session?.close();
    }
    answered += 1;
    setTimeout(answerStream, 5, stream);
  });
  const lane = await loadLane(server, 'h2c', { inFlight: 50 });
  expect(goaways).toBeGreaterThan(5);
  expect(lane.answered).toBe(answered);
  // Requests that crossed a GOAWAY on the way may be sent again.
  expect(lane.retriable).toBe(lane.failed);
  expect(lane.connectionsOpened).toBeGreaterThan(4);
});

test('h2c: a server that is away refuses', async () => {
  const server = await FaultyServer.startHttp2(() => undefined);
  await server[Symbol.asyncDispose]();
  const lane = await loadLane(server, 'h2c', { seconds: 0.5 });
  expect(lane).toMatchObject({ answered: 0, failures: { refused: { count: lane.sent } } });
});
