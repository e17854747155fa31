import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { CheckAttempt } from '../../../resources/index.ts';
import { CheckRunner, REQUESTS_AT_ONCE } from '../../../src/checks/check-runner.ts';
import { eventually } from '../../support/eventually.ts';
import { stored } from '../blue-green/stored.ts';
import { ledTo, TestServer, UNUSED } from './server.ts';

const http = { path: '/health', minStatus: 200, maxStatus: 299 };
const check = { name: 'smoke', http, successes: 1, allowedFailures: 0, intervalSeconds: 10, timeoutSeconds: 10 };
const attempt = (number: number): CheckAttempt => ({
  check,
  stage: 'prePromotion',
  environment: { name: 'green', revision: 'r', api: stored('b'), replicas: {}, referenceHashes: {} },
  since: '2026-01-01T00:00:00.000Z',
  number,
});

test('limits concurrent checks; the others wait, and are dropped if obsolete by then', async () => {
  const open: ServerResponse[] = [];
  await using server = await TestServer.start((_, response) => void open.push(response));
  const runner = new CheckRunner({ dispatcher: ledTo(server.port).agent });
  const uids = Array.from({ length: REQUESTS_AT_ONCE + 5 }, (_, index) => `uid-${index}`);
  const found = new Set<string>();
  for (const uid of uids) runner.run(uid, [attempt(1)], UNUSED, () => found.add(uid));
  await eventually(() => open.length === REQUESTS_AT_ONCE);
  // Of the last one nobody wants to know any more.
  const forgotten = uids.at(-1) ?? '';
  runner.run(forgotten, [], UNUSED, () => found.add(forgotten));

  for (const response of open.splice(0)) response.end();
  await eventually(() => open.length === 4);
  for (const response of open.splice(0)) response.end();
  await eventually(() => found.size === uids.length - 1);
  expect(found.has(forgotten)).toBe(false);
  expect(server.requests).toHaveLength(uids.length - 1);
  for (const uid of found) expect(Object.values(runner.results(uid))).toMatchObject([{ ok: true }]);
});
