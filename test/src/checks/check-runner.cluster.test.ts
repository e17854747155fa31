import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { attemptName, type CheckAttempt } from '../../../resources/index.ts';
import { CheckRunner } from '../../../src/checks/check-runner.ts';
import { TURNS_OF_NAMESPACE } from '../../../src/services/namespace-turns.ts';
import { eventually } from '../../support/eventually.ts';
import { stored } from '../blue-green/stored.ts';
import { ledTo, TestServer, UNUSED } from './server.ts';

const DAY_SECONDS = 86_400;

interface Asked {
  namespace?: string;
  name?: string;
  path?: string;
  timeoutSeconds?: number;
}

function attempt({
  namespace = 'default',
  name = 'smoke',
  path = '/health',
  timeoutSeconds = 10,
}: Asked = {}): CheckAttempt {
  const http = { path, minStatus: 200, maxStatus: 299 };
  const api = stored('b');
  return {
    check: { name, http, successes: 1, allowedFailures: 0, intervalSeconds: 10, timeoutSeconds },
    stage: 'prePromotion',
    environment: {
      name: 'green',
      revision: 'r',
      api: { ...api, metadata: { ...api.metadata, namespace } },
      replicas: {},
      referenceHashes: {},
    },
    since: '2026-01-01T00:00:00.000Z',
    number: 1,
  };
}

test('limits the concurrent checks of a namespace; the others wait, and are dropped if obsolete by then', async () => {
  const open: ServerResponse[] = [];
  await using server = await TestServer.start((_, response) => void open.push(response));
  const runner = new CheckRunner({ dispatcher: ledTo(server.port).agent });
  const uids = Array.from({ length: TURNS_OF_NAMESPACE + 5 }, (_, index) => `uid-${index}`);
  const found = new Set<string>();
  const made = attempt({ timeoutSeconds: DAY_SECONDS });
  const result = (uid: string) => runner.results(uid)[attemptName(made)];
  for (const uid of uids) runner.run(uid, [made], UNUSED, () => found.add(uid));
  await eventually(() => open.length === TURNS_OF_NAMESPACE);
  const waiting = uids.slice(TURNS_OF_NAMESPACE);
  await eventually(() => waiting.every((uid) => result(uid)?.message.startsWith('waits for its turn')));
  expect(result(waiting[0] ?? '')).toMatchObject({ ok: false, unknown: true });
  // Of the last one nobody wants to know any more.
  const forgotten = uids.at(-1) ?? '';
  runner.run(forgotten, [], UNUSED, () => {});

  for (const response of open.splice(0)) response.end();
  await eventually(() => open.length === 4);
  for (const response of open.splice(0)) response.end();
  const left = uids.filter((uid) => uid !== forgotten);
  await eventually(() => left.every((uid) => result(uid)?.ok));
  expect(server.requests).toHaveLength(left.length);
  for (const uid of left) expect(found).toContain(uid);
});

test('requests of a tenant that never end hold up no check of another namespace, and end when nobody wants them', async () => {
  const hanging = new Set<ServerResponse>();
  await using server = await TestServer.start(({ url }, response) => {
    if (url !== '/hang') return void response.end();
    hanging.add(response);
    response.on('close', () => hanging.delete(response));
  });
  const runner = new CheckRunner({ dispatcher: ledTo(server.port).agent });
  const tenants = Array.from({ length: 7 }, (_, index) => `tenant-${index}`);
  const checks = Array.from({ length: 5 }, (_, index) =>
    attempt({ namespace: 'tenant', name: `hang-${index}`, path: '/hang', timeoutSeconds: DAY_SECONDS }),
  );
  for (const uid of tenants) runner.run(uid, checks, UNUSED, () => {});
  await eventually(() => hanging.size === TURNS_OF_NAMESPACE);

  const other = attempt({ namespace: 'bank' });
  runner.run('bank', [other], UNUSED, () => {});
  expect(await eventually(() => runner.results('bank')[attemptName(other)])).toMatchObject({ ok: true });
  expect(hanging.size).toBe(TURNS_OF_NAMESPACE);

  const own = attempt({ namespace: 'tenant' });
  for (const uid of tenants) runner.run(uid, [], UNUSED, () => {});
  runner.run('tenant', [own], UNUSED, () => {});
  expect(await eventually(() => runner.results('tenant')[attemptName(own)]?.ok)).toBe(true);
  await eventually(() => hanging.size === 0);
});
