import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

let world: OperatorCluster;
beforeAll(async () => {
  // Fifty RestAPIs ask for more than one node has.
  world = await OperatorCluster.start({ kwokNodes: 2 });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const allReady = (count: number) =>
  eventually(
    async () => {
      const all = await world.list<StoredObject<RestAPI>>('restapis');
      return all.length === count && all.every(({ status }) => status?.phase === 'Ready');
    },
    { timeoutMs: 300_000, everyMs: 500, what: `${count} RestAPIs Ready` },
  );

async function childrenAreRight(names: string[]): Promise<void> {
  const expected = names.flatMap((name) => [
    `ConfigMap ${name}-env`,
    `ServiceAccount ${name}-app`,
    `Service ${name}`,
    ...['model', 'view', 'controller', 'repository'].flatMap((part) =>
      ['Deployment', 'NetworkPolicy', 'Service'].map((kind) => `${kind} ${name}-${part}`),
    ),
  ]);
  const children = await world.generated();
  expect(children.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual(expected.sort());
}

const names = Array.from({ length: 50 }, (_, index) => `crash-${index}`);

test('kill -9 of the operator while it makes 50: the next one finishes, nothing twice', async () => {
  const first = await world.spawnOperator();
  const mark = await world.cluster.auditMark();
  await world.apply(...names.map((name) => sample(name)));
  // In the middle: some children are there, but by far not all.
  const begun = async () => (await world.operatorWrites(mark)).some((write) => write.startsWith('patch deployments'));
  await eventually(begun, { everyMs: 5 });
  await first.end('SIGKILL');
  const halfway = (await world.list('deployments')).length;
  expect(halfway).toBeGreaterThan(0);
  expect(halfway).toBeLessThan(200);

  await world.spawnOperator();
  await allReady(50);
  await childrenAreRight(names);
  // Nothing was made twice, not even by an apply that changes nothing.
  const creates = (await world.operatorWrites(mark, true)).filter((write) =>
    /^patch (deployments|services|configmaps)/.test(write),
  );
  expect(creates.filter((write, index) => creates.indexOf(write) !== index)).toEqual([]);
}, 900_000);

test('kill -9 of the API server and back: it goes on, the same process', async () => {
  const operator = await world.spawnOperator();
  await operator.says('Started handling events');
  await world.cluster.killApiServer();
  await sleep(3_000);
  expect(operator.running).toBe(true);
  await world.cluster.startApiServer();
  const image = 'registry.example.com/shop:2.0.0';
  await world.kubectl('patch', 'restapi', 'crash-0', '--type=merge', '-p', JSON.stringify({ spec: { image } }));
  await world.apply(sample('after'));
  await eventually(async () => JSON.stringify(await world.get('deployment', 'crash-0-view')).includes('shop:2.0.0'));
  await allReady(51);
  await childrenAreRight([...names, 'after']);
  expect(operator.running).toBe(true);
}, 900_000);

test('SIGTERM ends it cleanly, and quickly', async () => {
  const operator = await world.spawnOperator();
  await operator.says('Started handling events');
  const startedAt = Date.now();
  expect(await operator.end('SIGTERM')).toBe(0);
  // Whatever it might wait for takes longer.
  expect(Date.now() - startedAt).toBeLessThan(15_000);
  const log = await readFile(operator.log, 'utf8');
  for (const line of log.trim().split('\n'))
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), message: expect.any(String) });
});
