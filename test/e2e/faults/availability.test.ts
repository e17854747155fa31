import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { type Replica, replaceReplica, runDeployment } from '../deploy/deployed-operator.ts';
import { overlay } from '../deploy/overlays.ts';

const ROUNDS = 10;
/** The Lease's duration and one look at it take 16 s; a machine that is busy with other tests takes longer. */
const TAKE_OVER_MS = 30_000;
/** Far less than a Lease that is not released. */
const HAND_OVER_MS = 9_000;
const WORK_MS = 30_000;

interface Lease {
  spec: { holderIdentity: string };
}

interface Deployment {
  spec: { template: { spec: { containers: { image: string }[] } } };
}

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start({ kustomization: overlay('prod'), kwokNodes: 0, scheduler: false });
});
afterAll(() => world?.[Symbol.asyncDispose]());

const holder = async () => (await world.get<Lease>('lease', 'restapi-operator', 'restapi-system'))?.spec.holderIdentity;

/** How long it takes until another one holds the Lease, milliseconds. */
async function untilHeldByAnother(than: string | undefined, limitMs: number): Promise<number> {
  const began = performance.now();
  await eventually(
    async () => {
      const now = await holder();
      return now && now !== than;
    },
    { everyMs: 50, timeoutMs: 2 * limitMs, what: `another holder than ${than}` },
  );
  return performance.now() - began;
}

async function leaderOf(replicas: readonly Replica[]): Promise<Replica> {
  return eventually(
    async () => {
      for (const replica of replicas) if (await replica.leads()) return replica;
      return undefined;
    },
    { what: 'one leads' },
  );
}

/** The one that leads does its work. */
async function expectWork(version: number): Promise<void> {
  const image = `registry.example.com/shop:${version}.0.0`;
  await world.apply(sample('shop', { image }));
  await eventually(
    async () => {
      const deployment = await world.get<Deployment>('deployment', 'shop-view');
      return deployment?.spec.template.spec.containers[0]?.image === image;
    },
    { timeoutMs: WORK_MS, everyMs: 50, what: `image ${image}` },
  );
}

test(`two operators in prod's shape survive ${ROUNDS} rounds of API server restart, kill -9 and SIGTERM`, async () => {
  let replicas = await runDeployment(world);
  const takeOvers: number[] = [];
  const handOvers: number[] = [];
  const replace = async (gone: Replica) => [
    ...replicas.filter((one) => one !== gone),
    await replaceReplica(world, gone),
  ];
  for (let round = 1; round <= ROUNDS; round++) {
    await world.cluster.killApiServer();
    await world.cluster.startApiServer();

    // In place of the one that is killed another one starts at once, as a pod would.
    let leader = await leaderOf(replicas);
    let before = await holder();
    await leader.process.end('SIGKILL');
    const takeOver = untilHeldByAnother(before, TAKE_OVER_MS);
    replicas = await replace(leader);
    takeOvers.push(await takeOver);
    await expectWork(2 * round);

    leader = await leaderOf(replicas);
    before = await holder();
    const ended = leader.process.end('SIGTERM');
    handOvers.push(await untilHeldByAnother(before, HAND_OVER_MS));
    expect(await ended).toBe(0);
    await expectWork(2 * round + 1);
    replicas = await replace(leader);
  }
  const seconds = (times: number[]) => times.map((ms) => (ms / 1000).toFixed(1)).join(' ');
  console.log(`take-over after kill -9, s: ${seconds(takeOvers)}; hand-over at SIGTERM, s: ${seconds(handOvers)}`);
  expect(Math.max(...takeOvers)).toBeLessThanOrEqual(TAKE_OVER_MS);
  expect(Math.max(...handOvers)).toBeLessThanOrEqual(HAND_OVER_MS);
}, 1_200_000);
