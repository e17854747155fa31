import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { freePorts } from '../../../operator/testkit/ports.ts';
import { attemptName, type CheckAttempt } from '../../../resources/index.ts';
import { CheckRunner } from '../../../src/checks/check-runner.ts';
import { eventually } from '../../support/eventually.ts';
import { stored } from '../blue-green/stored.ts';
import { ledTo, TestServer, UNUSED } from './server.ts';

const http = { path: '/health', minStatus: 200, maxStatus: 299 };
const check = { name: 'smoke', http, successes: 1, allowedFailures: 0, intervalSeconds: 10, timeoutSeconds: 1 };
const attempt = (reachableBy?: number): CheckAttempt => ({
  check,
  stage: 'prePromotion',
  environment: { name: 'green', revision: 'r', api: stored('b'), replicas: {}, referenceHashes: {} },
  since: '2026-01-01T00:00:00.000Z',
  number: 1,
  ...(reachableBy !== undefined && { reachableBy }),
});

/** A port of this machine that refuses connections until a server listens on it, and that no outgoing connection gets. */
async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** Runs an attempt and returns a function that reads its result. */
function run(made: CheckAttempt, port: number) {
  const runner = new CheckRunner({ dispatcher: ledTo(port).agent });
  let calls = 0;
  runner.run('uid', [made], UNUSED, () => calls++);
  return { result: () => runner.results('uid')[attemptName(made)], calls: () => calls };
}

test('a refused port does not count until the deadline: the attempt goes on until something listens', async () => {
  const port = await freePort();
  const { result, calls } = run(attempt(Date.now() + 60_000), port);
  const first = await eventually(() => result());
  expect(first).toMatchObject({ ok: false, unknown: true, message: expect.stringContaining('ECONNREFUSED') });
  const server = createServer((_, response) => response.end('fine')).listen(port, '127.0.0.1');
  const last = await eventually(() => result()?.ok && result());
  server.close();
  expect(last).toEqual({ ok: true, message: 'GET http://shop-preview.default.svc:3000/health returned 200' });
  // Once with the reason, however often it was refused, and once with the answer.
  expect(calls()).toBe(2);
});

test('a refused port is a failure after the deadline, and without one', async () => {
  const port = await freePort();
  const late = run(attempt(Date.now() + 4_000), port);
  expect(await eventually(() => late.result())).toMatchObject({ unknown: true });
  const refused = await eventually(() => !late.result()?.unknown && late.result());
  expect(refused).toEqual({ ok: false, message: expect.stringContaining('ECONNREFUSED') });
  const counted = run(attempt(), port);
  expect(await eventually(() => counted.result())).toEqual(refused);
});

test('a server that does not answer may be out of reach, one that answers with an error is not', async () => {
  await using silent = await TestServer.start(() => {});
  await using broken = await TestServer.start((_, response) => response.writeHead(503).end());
  const inTime = () => attempt(Date.now() + 60_000);
  const unanswered = run(inTime(), silent.port);
  expect(await eventually(() => unanswered.result())).toMatchObject({ unknown: true });
  const answered = run(inTime(), broken.port);
  expect(await eventually(() => answered.result())).toEqual({
    ok: false,
    message: 'GET http://shop-preview.default.svc:3000/health returned 503, expected 200 to 299',
  });
});
