import type { ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FaultyServer } from './faulty-server.ts';
import type { LaneOptions } from './lane.ts';
import type { LaneReport } from './load-report.ts';
import { type LoadOptions, runLoad } from './run-load.ts';

const RATE = 200;
/** Enough to see every fault often. */
const REQUESTS = 100;

interface Options extends Partial<Omit<LoadOptions, 'seconds'>> {
  method?: 'GET' | 'POST';
  rate?: number;
  /** Default: until the server has got REQUESTS requests. */
  seconds?: number;
}

/**
 * Runs one lane and checks that its account adds up. One request at a time, so that each fault of the server fails exactly one;
 * on a loaded machine more are dropped instead.
 */
async function load(
  server: FaultyServer,
  connections: LaneOptions['connections'],
  { method = 'GET', rate = RATE, seconds, ...options }: Options = {},
): Promise<LaneReport> {
  const request = method === 'GET' ? { method, path: '/' } : { method, path: '/', body: '{"a":1}' };
  const enough = new AbortController();
  const before = server.requests();
  const watch = setInterval(() => {
    if (seconds === undefined && server.requests() - before >= REQUESTS) enough.abort();
  }, 20);
  const report = await runLoad(
    {
      url: server.url,
      lanes: [{ name: 'lane', connections, count: 4, request, rate }],
      seconds: seconds ?? 40,
      timeoutMs: 10_000,
      drainMs: 10_000,
      inFlight: 1,
      retry: false,
      ...options,
    },
    enough.signal,
  );
  clearInterval(watch);
  const [lane] = report.lanes as [LaneReport];
  expect(lane.due).toBe(lane.sent + lane.dropped);
  // The schedule holds, but for how late timers are.
  const due = (rate * report.sendingMs) / 1_000;
  expect(lane.due).toBeLessThanOrEqual(due + 1);
  expect(lane.due).toBeGreaterThan(due - (rate * (report.mostBehindMs + 20)) / 1_000);
  expect(lane.sent).toBe(lane.answered + lane.failed);
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
  const total = (spans: LaneReport['versions']) => sum(Object.values(spans).map((span) => span.count));
  expect([total(lane.versions), total(lane.failures)]).toEqual([lane.answered, lane.failed]);
  const { answered, failed } = lane.series;
  expect([sum(Object.values(answered).flat()), sum(failed)]).toEqual([lane.answered, lane.failed]);
  return lane;
}

function answer(response: ServerResponse, version = '1.0.0', status = 200): void {
  response.writeHead(status, { 'x-shop-versions': `view=${version},model=${version}` }).end('{}');
}

test.each(['new', 'kept'] as const)('%s connections: a good server answers every request', async (connections) => {
  let served = 0;
  let bodies = 0;
  await using server = await FaultyServer.start((request, response, number) => {
    served = number;
    if (request.headers['content-length'] === '7') bodies += 1;
    answer(response);
  });
  const lane = await load(server, connections, { method: 'POST' });
  expect(lane).toMatchObject({ sent: served, answered: served, failed: 0, retriable: 0, retried: 0 });
  expect(bodies).toBe(served);
  expect(served).toBeGreaterThanOrEqual(REQUESTS);
  expect(lane.versions).toMatchObject({ '1.0.0': { count: served } });
  if (connections === 'new') expect(lane.connectionsOpened).toBe(served);
  else expect(lane.connectionsOpened).toBeLessThan(served / 2);
});

test('every fifth answer is 503: as many fail', async () => {
  let bad = 0;
  await using server = await FaultyServer.start((_request, response, number) => {
    if (number % 5 === 0) bad += 1;
    answer(response, '1.0.0', number % 5 === 0 ? 503 : 200);
  });
  const lane = await load(server, 'new');
  expect(bad).toBeGreaterThan(5);
  expect(lane.failures).toMatchObject({ 'status 503': { count: bad } });
  expect(lane.failed).toBe(bad);
  expect(lane.failureSamples).toHaveLength(Math.min(bad, 20));
});

test.each<[string, (response: ServerResponse) => void]>([
  ['eof', (response) => response.socket?.end()],
  ['reset', (response) => response.socket?.resetAndDestroy()],
  [
    'body cut',
    (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('begin');
      setTimeout(() => response.socket?.destroy(), 20);
    },
  ],
  ['protocol', (response) => response.socket?.end('nonsense\r\n\r\n')],
])('every third connection ends in %s: as many fail', async (cause, fail) => {
  let failed = 0;
  await using server = await FaultyServer.start((_request, response, number) => {
    if (number % 3 > 0) return answer(response);
    failed += 1;
    fail(response);
  });
  const lane = await load(server, 'new', { retry: true });
  expect(failed).toBeGreaterThan(10);
  // On a new connection no client tries again.
  expect(lane).toMatchObject({ failed, retriable: 0, retried: 0, failures: { [cause]: { count: failed } } });
});

test('kept connections that the server closes while they are idle are no failures', async () => {
  await using server = await FaultyServer.start((request, response, number) => {
    answer(response);
    if (number % 3 === 0) setImmediate(() => request.socket.end());
  });
  // Slow enough that the end arrives before the next request.
  const lane = await load(server, 'kept', { method: 'POST', rate: 40 });
  expect(lane).toMatchObject({ failed: 0, answered: lane.sent });
  expect(lane.connectionsOpened).toBeGreaterThan(4);
});

test.each(['eof', 'reset'])(
  'kept connections cut before the answer (%s): GET is retriable, POST is not',
  async (kind) => {
    let cut = 0;
    const used = new WeakSet();
    await using server = await FaultyServer.start(({ socket }, response, number) => {
      // The first request of a connection is answered.
      if (number % 3 > 0 || !used.has(socket)) {
        used.add(socket);
        return answer(response);
      }
      cut += 1;
      if (kind === 'eof') socket.end();
      else socket.resetAndDestroy();
    });
    const failures = () => ({ [kind]: { count: cut } });
    const get = await load(server, 'kept');
    expect(cut).toBeGreaterThan(5);
    expect(get).toMatchObject({ failed: cut, retriable: cut, retried: 0, failures: failures() });
    cut = 0;
    const retry = await load(server, 'kept', { retry: true });
    expect(cut).toBeGreaterThan(5);
    expect(retry).toMatchObject({ failed: 0, retriable: 0, retried: cut, failures: {} });
    cut = 0;
    const post = await load(server, 'kept', { method: 'POST', retry: true });
    expect(cut).toBeGreaterThan(5);
    expect(post).toMatchObject({ failed: cut, retriable: 0, retried: 0, failures: failures() });
  },
);

test('a kept connection cut after the first byte of the answer is not retriable', async () => {
  let cut = 0;
  await using server = await FaultyServer.start(({ socket }, response, number) => {
    if (number % 3 > 0) return answer(response);
    cut += 1;
    socket.end('H');
  });
  const lane = await load(server, 'kept', { retry: true });
  expect(cut).toBeGreaterThan(5);
  expect(lane).toMatchObject({ failed: cut, retriable: 0, retried: 0 });
});

test('answers of two versions are counted, and the first 20 kept', async () => {
  let mixed = 0;
  let bare = 0;
  await using server = await FaultyServer.start((_request, response, number) => {
    if (number % 4 === 0) {
      bare += 1;
      response.end();
    } else if (number % 2 === 0) {
      mixed += 1;
      response.writeHead(200, { 'x-shop-versions': 'view=2.0.0,controller=1.0.0,model=1.0.0' }).end();
    } else {
      answer(response, '2.0.0');
    }
  });
  const lane = await load(server, 'new');
  expect(mixed).toBeGreaterThan(20);
  expect(lane.mixed.count).toBe(mixed);
  expect(lane.mixed.samples).toHaveLength(20);
  expect(lane.mixed.samples[0]).toMatchObject({ status: 200, versions: 'view=2.0.0,controller=1.0.0,model=1.0.0' });
  expect(lane.versions).toMatchObject({
    '1.0.0+2.0.0': { count: mixed },
    unversioned: { count: bare },
    '2.0.0': { count: lane.answered - mixed - bare },
  });
});

test('a server that is away for a while: what is refused meanwhile is counted, with its times', async () => {
  let served = 0;
  const handle = (version: string) => (_request: unknown, response: ServerResponse) => {
    served += 1;
    answer(response, version);
  };
  const first = await FaultyServer.start(handle('1.0.0'));
  const port = Number(first.url.port);
  const begin = performance.now();
  const running = load(first, 'new', { seconds: 1.5 });
  await sleep(400);
  await first[Symbol.asyncDispose]();
  const closed = performance.now() - begin;
  await sleep(400);
  const opened = performance.now() - begin;
  await using _second = await FaultyServer.start(handle('2.0.0'), port);
  const lane = await running;
  const { refused, ...others } = lane.failures;
  expect(refused?.count).toBeGreaterThan(10);
  // The end of the first server cuts the few requests that it has at that moment.
  const cut = Object.values(others).reduce((sum, { count }) => sum + count, 0);
  expect(cut).toBeLessThan(10);
  expect(lane.answered).toBeLessThanOrEqual(served);
  expect(lane.answered + cut).toBeGreaterThanOrEqual(served);
  expect(refused?.firstMs).toBeGreaterThan(350);
  expect(refused?.lastMs).toBeGreaterThan(opened - 300);
  expect(refused?.firstMs).toBeLessThan(closed + 300);
  expect(lane.versions['1.0.0']?.lastMs).toBeLessThan(lane.versions['2.0.0']?.firstMs as number);
});

test.each(['new', 'kept', 'h2c'] as const)(
  '%s: requests without an answer time out, and are not sent beyond the bound',
  async (connections) => {
    await using server =
      connections === 'h2c'
        ? await FaultyServer.startHttp2(() => undefined)
        : await FaultyServer.start(() => undefined);
    const hang = await load(server, connections, { seconds: 0.5, inFlight: 5, timeoutMs: 1_000 });
    expect(hang).toMatchObject({ sent: 5, answered: 0, failures: { timeout: { count: 5 } } });
    expect(hang.dropped).toBe(hang.due - 5);
    expect(hang.dropped).toBeGreaterThan(20);
    const late = await load(server, connections, { seconds: 0.5, inFlight: 5, drainMs: 50 });
    expect(late).toMatchObject({ sent: 5, failures: { unfinished: { count: 5 } } });
  },
  15_000,
);

test('answers that come within the deadline after the end count', async () => {
  await using server = await FaultyServer.start((_request, response) => setTimeout(answer, 700, response));
  const lane = await load(server, 'new', { seconds: 0.5, inFlight: 20 });
  expect(lane).toMatchObject({ failed: 0, answered: lane.sent });
  expect(lane.latencyMs.p50).toBeGreaterThan(690);
  expect(lane.latencyMs.p50).toBeLessThanOrEqual(lane.latencyMs.max);
});

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
  const lane = await load(server, 'h2c');
  expect(failed).toBeGreaterThan(5);
  expect(lane).toMatchObject({ failed, retriable: retriable ? failed : 0, failures: { [cause]: { count: failed } } });
  failed = 0;
  if (!retriable) return;
  // The retry is the next request of the server, so never one that it fails.
  failed = 0;
  const retry = await load(server, 'h2c', { retry: true });
  expect(failed).toBeGreaterThan(5);
  expect(retry).toMatchObject({ failed: 0, retriable: 0, retried: failed });
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
  const lane = await load(server, 'h2c', { inFlight: 50 });
  expect(goaways).toBeGreaterThan(5);
  expect(lane.answered).toBe(answered);
  // Requests that crossed a GOAWAY on the way may be sent again.
  expect(lane.retriable).toBe(lane.failed);
  expect(lane.connectionsOpened).toBeGreaterThan(4);
});

test('h2c: a server that is away refuses', async () => {
  const server = await FaultyServer.startHttp2(() => undefined);
  await server[Symbol.asyncDispose]();
  const lane = await load(server, 'h2c', { seconds: 0.5 });
  expect(lane).toMatchObject({ answered: 0, failures: { refused: { count: lane.sent } } });
});
