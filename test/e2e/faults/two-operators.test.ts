import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { requests } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster } from '../../support/operator-cluster.ts';
import { Admin } from './admin.ts';
import { Application } from './application.ts';
import { DeploymentWatch } from './deployment-watch.ts';
import { limitToNamespaces, Pair, rightsIn } from './pair.ts';
import { stepsBack, twoLeaders } from './promises.ts';

let world: OperatorCluster;
let admin: Admin;
let watch: DeploymentWatch;
let pair: Pair;
let app: Application;
let round = 0;

beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 0, scheduler: false });
  await limitToNamespaces(world);
  admin = new Admin(world.cluster);
  watch = await DeploymentWatch.start(world.cluster);
});
afterAll(async () => {
  watch?.stop();
  await world?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  round += 1;
  const namespace = `two-${round}`;
  await admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await admin.create(...(await rightsIn(namespace)));
  pair = await Pair.start(world, namespace);
  app = new Application(namespace, admin, watch);
  await app.createSecret();
  await app.create('shop', 1);
  await eventually(() => app.isServed('shop', 1), { what: 'version 1 runs' });
});
afterEach(() => pair?.[Symbol.asyncDispose]());

const states = (from: number) => watch.states.filter(({ namespace, at }) => namespace === pair.namespace && at >= from);

test('D7: a standby with a stalled watch takes over without reverting anything to an older version', async () => {
  const { remove } = pair.b.proxy.rule({
    match: requests({ plural: 'restapis', verb: 'watch' }),
    fault: { kind: 'half-open' },
  });
  await app.release('shop', 2);
  await eventually(() => app.runs('shop', 2), { what: 'version 2 runs' });
  await pair.retire(pair.a);
  await eventually(() => pair.b.operator.leading, { what: 'the standby leads' });
  await sleep(10_000);
  expect(stepsBack(states(0)), pair.log.toString()).toEqual([]);
  remove();
  await app.release('shop', 3);
  await eventually(() => app.runs('shop', 3), { timeoutMs: 120_000, what: 'version 3 runs' });
  expect(stepsBack(states(0)), pair.log.toString()).toEqual([]);
});

test('D2, D11: after a restore of etcd one operator leads, ignores the lost history and follows Secrets', async () => {
  const { cluster } = world;
  const snapshot = await cluster.snapshot();
  await app.release('shop', 2);
  await app.changeSecret();
  await app.create('lost', 1);
  await eventually(() => app.runs('shop', 2) && app.runs('lost', 1), { what: 'version 2 runs' });
  // Far enough that versions of the lost history are not reached while this test looks.
  await cluster.raiseRevision((await cluster.revision()) + 1_000n);
  await app.changeSecret();
  await sleep(3_000);

  watch.pause();
  const restored = cluster.restore(snapshot);
  await eventually(() => cluster.pids['kube-apiserver'] === undefined, { everyMs: 5 });
  const from = Date.now();
  watch.resume();
  await restored;
  const back = Date.now();
  await eventually(() => pair.leaders.length === 1, { what: 'one leads' });
  await sleep(Math.max(0, back + 10_000 - Date.now()));
  const seen = states(from).map(({ name, version }) => `${name} ${version}`);
  expect(new Set(seen), pair.log.toString()).toEqual(
    new Set(['shop-model 1', 'shop-view 1', 'shop-controller 1', 'shop-repository 1']),
  );
  const told = app.secretTold('shop');
  await app.changeSecret();
  await eventually(() => app.secretTold('shop') !== told, { what: 'the Secret is followed' });
  await app.create('late', 1);
  await eventually(() => app.isServed('late', 1), { what: 'a new RestAPI is served' });
  expect(twoLeaders(pair.leads), pair.log.toString()).toEqual([]);
});
