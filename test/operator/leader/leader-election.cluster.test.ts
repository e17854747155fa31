import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

interface Lease {
  spec: { holderIdentity: string; leaseTransitions: number };
}

let world: OperatorCluster;
beforeEach(async () => {
  world = await OperatorCluster.start();
});
afterEach(() => world?.[Symbol.asyncDispose]());

const holder = async () => (await world.get<Lease>('lease', 'restapi-operator', 'restapi-system'))?.spec.holderIdentity;
const spawn = () => world.spawnOperator({ flags: ['--leader-elect'] });

/** Far less than the 15 s after which a lease expires that is not released. */
const HAND_OVER_MS = 9_000;

test('at SIGTERM a standby takes over without waiting for the lease to expire', async () => {
  const first = await spawn();
  const before = await eventually(holder);
  const second = await spawn();
  await second.says('Caches filled');
  await world.apply(sample('one'));
  await world.untilReady('one');

  const ending = first.end('SIGTERM');
  expect(await ending).toBe(0);
  const endedAt = Date.now();
  await eventually(
    async () => {
      const now = await holder();
      return now && now !== before;
    },
    { everyMs: 20, timeoutMs: HAND_OVER_MS },
  );
  expect(Date.now() - endedAt).toBeLessThan(HAND_OVER_MS);
  await world.apply(sample('two'));
  await world.untilReady('two');
});

test('a leader that freezes during its work loses the lease, and writes nothing when it wakes', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `app-${index}`);
  const first = await spawn();
  const before = await eventually(holder);
  const second = await spawn();
  await second.says('Caches filled');
  const start = await world.cluster.auditMark();
  await world.apply(...names.map((name) => sample(name)));
  await eventually(async () => (await world.operatorWrites(start)).length > 10, { everyMs: 5 });
  first.signal('SIGSTOP');
  expect((await world.list('deployments')).length).toBeLessThan(4 * names.length);

  await eventually(async () => (await holder()) !== before, { what: 'another holder' });
  for (const name of names) await world.untilReady(name);
  await world.untilQuiet();
  const mark = await world.cluster.auditMark();
  first.signal('SIGCONT');
  await sleep(5_000);
  // Everything is as it should be, so whatever is written now comes from the one that slept. What it had handed to the
  // network before it was stopped may still arrive: the versions it was decided by are no longer, so it is refused.
  expect((await world.operatorWrites(mark, true)).filter((write) => !write.includes('leases'))).toEqual([]);
  expect(first.running).toBe(true);
  await first.says('Stopped leading');

  // It is a standby now, and leads again when needed.
  await second.end('SIGTERM');
  await world.kubectl('delete', 'deployment', 'app-0-view');
  await eventually(() => world.get('deployment', 'app-0-view'));
});

test('health endpoints report whether the caches are filled', async () => {
  const operator = await world.startOperator({ healthAddress: '127.0.0.1:0' });
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${operator.healthPort}${path}`);
    return `${answer.status} ${(await answer.text()).trim()}`;
  };
  expect(await get('/healthz')).toBe('200 ok');
  expect(await get('/readyz')).toBe('200 ok');
  expect(await get('/other')).toBe('404 not found');

  // An operator that may not watch what it needs is alive, but not ready.
  const { createOperator } = await import('../../../src/create-operator.ts');
  const stranger = await world.cluster.kubeConfigFor({ name: 'stranger' });
  const blind = createOperator({ kubeConfig: stranger, logger: world.logger(), healthAddress: '127.0.0.1:0' });
  const starting = blind.start().catch(() => {});
  await eventually(() => blind.healthPort);
  const answer = await fetch(`http://127.0.0.1:${blind.healthPort}/readyz`);
  expect(answer.status).toBe(503);
  await blind.stop();
  await starting;
});
