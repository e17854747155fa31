import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FaultyServer } from './faulty-server.ts';
import { loadLane, REQUESTS } from './one-lane.ts';

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
  const lane = await loadLane(server, connections, { method: 'POST' });
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
  const lane = await loadLane(server, 'new');
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
  const lane = await loadLane(server, 'new', { retry: 'all' });
  expect(failed).toBeGreaterThan(10);
  // On a new connection no client tries again.
  expect(lane).toMatchObject({ failed, retriable: 0, retried: 0, failures: { [cause]: { count: failed } } });
});

test('kept connections that the server closes while they are idle are no failures', async () => {
  const ended = new WeakSet();
  let late = 0;
  await using server = await FaultyServer.start(({ socket }, response, number) => {
    // Sent before the end had arrived: it has no time for that when the machine is busy.
    if (ended.has(socket)) {
      late += 1;
      return socket.destroy();
    }
    answer(response);
    if (number % 3 > 0) return;
    setImmediate(() => {
      ended.add(socket);
      socket.end();
    });
  });
  // Slow enough that the end arrives before the next request.
  const lane = await loadLane(server, 'kept', { method: 'POST', rate: 40 });
  expect(lane).toMatchObject({ failed: late, answered: lane.sent - late });
  expect(late).toBeLessThan(lane.sent / 6);
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
    const get = await loadLane(server, 'kept');
    expect(cut).toBeGreaterThan(5);
    expect(get).toMatchObject({ failed: cut, retriable: cut, retried: 0, failures: failures() });
    cut = 0;
    const retry = await loadLane(server, 'kept', { retry: 'all' });
    expect(cut).toBeGreaterThan(5);
    expect(retry).toMatchObject({ failed: 0, retriable: 0, retried: cut, failures: {} });
    cut = 0;
    const post = await loadLane(server, 'kept', { method: 'POST', retry: 'all' });
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
  const lane = await loadLane(server, 'kept', { retry: 'all' });
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
  const lane = await loadLane(server, 'new');
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
  const running = loadLane(first, 'new', { seconds: 5 });
  await sleep(1_500);
  await first[Symbol.asyncDispose]();
  const closed = performance.now() - begin;
  await sleep(1_500);
  const opened = performance.now() - begin;
  await using _second = await FaultyServer.start(handle('2.0.0'), port);
  const lane = await running;
  const { refused, ...others } = lane.failures;
  expect(refused?.count).toBeGreaterThan(10);
  // The end of the first server cuts the few requests that it has at that moment, far fewer than it refuses later.
  const cut = Object.values(others).reduce((sum, { count }) => sum + count, 0);
  expect(cut).toBeLessThan((refused?.count ?? 0) / 2);
  expect(lane.answered).toBeLessThanOrEqual(served);
  expect(lane.answered + cut).toBeGreaterThanOrEqual(served);
  expect(refused?.firstMs).toBeGreaterThan(1_400);
  expect(refused?.lastMs).toBeGreaterThan(opened - 1_000);
  expect(refused?.firstMs).toBeLessThan(closed + 1_000);
  expect(lane.versions['1.0.0']?.lastMs).toBeLessThan(lane.versions['2.0.0']?.firstMs as number);
});

test.each(['new', 'kept', 'h2c'] as const)(
  '%s: requests without an answer time out, and are not sent beyond the bound',
  async (connections) => {
    await using server =
      connections === 'h2c'
        ? await FaultyServer.startHttp2(() => undefined)
        : await FaultyServer.start(() => undefined);
    const hang = await loadLane(server, connections, { seconds: 0.5, inFlight: 5, timeoutMs: 1_000 });
    expect(hang).toMatchObject({ sent: 5, answered: 0, failures: { timeout: { count: 5 } } });
    expect(hang.dropped).toBe(hang.due - 5);
    expect(hang.dropped).toBeGreaterThan(20);
    const late = await loadLane(server, connections, { seconds: 0.5, inFlight: 5, drainMs: 50 });
    expect(late).toMatchObject({ sent: 5, failures: { unfinished: { count: 5 } } });
  },
);

test('answers that come within the deadline after the end count', async () => {
  await using server = await FaultyServer.start((_request, response) => setTimeout(answer, 700, response));
  const lane = await loadLane(server, 'new', { seconds: 0.5, inFlight: 20 });
  expect(lane).toMatchObject({ failed: 0, answered: lane.sent });
  expect(lane.latencyMs.p50).toBeGreaterThan(690);
  expect(lane.latencyMs.p50).toBeLessThanOrEqual(lane.latencyMs.max);
});
