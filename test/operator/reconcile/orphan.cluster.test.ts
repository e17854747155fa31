import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator();
});
afterAll(() => world?.[Symbol.asyncDispose]());

const uids = (objects: readonly StoredObject[]) =>
  Object.fromEntries(objects.map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.uid]));
const ready = async (name: string) => {
  await world.apply(sample(name));
  await world.untilReady(name);
  await world.untilQuiet();
};

test('replay 04: kubectl delete --cascade=orphan keeps all generated objects, and a new RestAPI adopts them', async () => {
  await ready('kept');
  const before = uids(await world.generated('kept'));
  const pods = uids(await world.list('pods', '-l', 'restapi.dev/name=kept'));
  expect(Object.keys(before).length).toBeGreaterThan(10);

  const mark = await world.cluster.auditMark();
  await world.kubectl('delete', 'restapi', 'kept', '--cascade=orphan', '--timeout=90s');
  await eventually(async () => (await world.generated('kept')).every(({ metadata }) => !metadata.ownerReferences));
  await sleep(5_000);
  const orphans = await world.generated('kept');
  expect(uids(orphans)).toEqual(before);
  expect(orphans.filter(({ metadata }) => metadata.ownerReferences)).toEqual([]);
  expect(uids(await world.list('pods', '-l', 'restapi.dev/name=kept'))).toEqual(pods);
  // Of the operator's writes only the finalizer's.
  expect(await world.operatorWrites(mark, true)).toEqual(['patch restapis kept']);

  // They bear our marks and no owner: they belong to the next RestAPI of the name, and go on running meanwhile.
  await ready('kept');
  const adopted = await world.generated('kept');
  expect(uids(adopted)).toEqual(before);
  const owner = (await world.restapi('kept'))?.metadata.uid;
  for (const { metadata } of adopted)
    expect(metadata.ownerReferences).toMatchObject([{ uid: owner, controller: true }]);
  expect(uids(await world.list('pods', '-l', 'restapi.dev/name=kept'))).toEqual(pods);
});

test('kubectl delete --cascade=foreground deletes all generated objects before the RestAPI', async () => {
  await ready('gone');
  await world.kubectl('delete', 'restapi', 'gone', '--cascade=foreground', '--timeout=60s');
  await eventually(async () => (await world.generated('gone')).length === 0);
});
