import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

const NAMES = Array.from({ length: 50 }, (_, index) => `app-${String(index).padStart(2, '0')}`);

/** The field managers and verbs of one RestAPI's making. */
const CREATION = [
  'patch restapis NAME',
  'patch configmaps NAME-env',
  'patch serviceaccounts NAME-app',
  'patch services NAME',
  ...['model', 'view', 'controller', 'repository'].flatMap((component) => [
    `patch deployments NAME-${component}`,
    `patch services NAME-${component}`,
    `patch networkpolicies NAME-${component}`,
    `patch poddisruptionbudgets NAME-${component}`,
  ]),
  'patch restapis/status NAME',
].sort();

let world: OperatorCluster;
beforeAll(async () => {
  // Fifty RestAPIs ask for more than one node has.
  world = await OperatorCluster.start({ kwokNodes: 2 });
});
afterAll(() => world?.[Symbol.asyncDispose]());

test('before its components are ready, a RestAPI costs one finalizer write, one a child and one status write', async () => {
  // Nobody plays nodes or looks for some here, so nothing turns ready, and nothing is wrong either.
  await using bare = await OperatorCluster.start({ kwokNodes: 0, scheduler: false });
  await bare.startOperator();
  const mark = await bare.cluster.auditMark();
  await bare.apply(sample('shop', { replicas: 3 }));
  await eventually(async () => (await bare.restapi('shop'))?.status?.phase === 'Progressing');
  await eventually(async () => (await bare.list('pods')).length === 12);
  await sleep(2_000);
  expect((await bare.operatorWrites(mark)).sort()).toEqual(CREATION.map((write) => write.replace('NAME', 'shop')));
});

test('fifty RestAPIs: quiet once converged, after a restart, and when one is annotated', async () => {
  const operator = await world.startOperator();
  await world.apply(...NAMES.map((name) => sample(name)));
  await eventually(
    async () => {
      const all = await world.list<StoredObject<RestAPI>>('restapis');
      return all.length === 50 && all.every(({ status }) => status?.phase === 'Ready');
    },
    { timeoutMs: 300_000, everyMs: 1_000, what: 'all 50 Ready' },
  );
  await world.untilQuiet();

  let mark = await world.cluster.auditMark();
  await sleep(30_000);
  expect(await world.operatorWrites(mark)).toEqual([]);

  await operator.stop();
  const stoppedAt = Date.now();
  mark = await world.cluster.auditMark();
  await world.startOperator();
  await sleep(3_000);
  // The ends of the old one's watches may be told late.
  const requests = (await world.operatorRequests(mark)).filter(
    ({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= stoppedAt,
  );
  expect(requests.filter(({ verb }) => !['list', 'watch'].includes(verb))).toEqual([]);
  // And it reads nothing but its watches: one stream for each of the fourteen kinds, and one look for HTTPRoutes and one for
  // PodMonitors, which are not served here. (A watch is told of when it begins and when it ends.)
  expect(new Set(requests.map(({ auditID }) => auditID)).size).toBeLessThanOrEqual(16);

  mark = await world.cluster.auditMark();
  await world.kubectl('annotate', 'restapi', 'app-07', 'look=here');
  await sleep(1_000);
  expect(await world.operatorWrites(mark)).toEqual([]);
}, 900_000);
