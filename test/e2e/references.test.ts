import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { OperatorCluster, sample } from '../support/operator-cluster.ts';

const MARKER = 'hunter2-is-not-to-be-seen';

let world: OperatorCluster;
beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator();
  await world.apply(
    secret('db', { password: MARKER }),
    secret('unrelated', { a: 'b' }),
    configMap('settings', { a: '1' }),
  );
  await world.apply(
    sample('shop', {
      model: { envFrom: [{ secretRef: { name: 'db' } }] },
      view: { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }] },
      controller: { envFrom: [{ secretRef: { name: 'later', optional: true } }] },
    }),
  );
  await phase('Ready');
});
afterAll(() => world?.[Symbol.asyncDispose]());

function secret(name: string, stringData: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, stringData };
}
function configMap(name: string, data: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}
const phase = (wanted: string) =>
  eventually(async () => (await world.restapi('shop'))?.status?.phase === wanted, { what: wanted });

/** What the operator wrote to Deployments because of what `change` did, waited for until `expected` are written. */
async function written(change: () => Promise<unknown>, expected: string[]): Promise<void> {
  const mark = await world.cluster.auditMark();
  await change();
  const deployments = async () => (await world.operatorWrites(mark)).filter((write) => write.includes('deployments'));
  await eventually(async () => (await deployments()).length >= expected.length, { what: expected.join() });
  await sleep(500);
  expect(await deployments()).toEqual(expected);
}

test('a change of a Secret replaces the pods of the component that names it, and no others', async () => {
  await written(() => world.apply(secret('db', { password: `${MARKER}-2` })), ['patch deployments shop-model']);
  await phase('Ready');
});

test('a change of a ConfigMap likewise', async () => {
  await written(() => world.apply(configMap('settings', { a: '2' })), ['patch deployments shop-view']);
  await phase('Ready');
});

test('labels and annotations of a Secret do not matter', async () => {
  await written(() => world.kubectl('annotate', 'secret', 'db', 'look=here'), []);
  // It was looked at, though.
  await eventually(async () => {
    const reads = (await world.operatorRequests()).filter(({ verb }) => verb === 'get');
    return reads.filter(({ objectRef }) => objectRef?.resource === 'secrets').length > 2;
  });
});

test('what is known of a Secret is not read again', async () => {
  const mark = await world.cluster.auditMark();
  await world.kubectl('patch', 'restapi', 'shop', '--type=merge', '-p', '{"spec":{"replicas":2}}');
  // Of this spec: until then the operator is still writing Deployments.
  await world.untilReady('shop');
  const reads = (await world.operatorRequests(mark)).filter(({ verb }) => verb === 'get');
  expect(reads.filter(({ objectRef }) => objectRef?.resource === 'secrets')).toEqual([]);
});

test('an optional Secret that turns up is a change as well', async () => {
  await written(() => world.apply(secret('later', { a: 'b' })), ['patch deployments shop-controller']);
  await phase('Ready');
});

test('without a Secret that pods need it waits and says which field names it', async () => {
  await world.apply(sample('early', { model: { envFrom: [{ secretRef: { name: 'missing' } }] } }));
  const early = await eventually(async () => {
    const api = await world.restapi('early');
    return api?.status?.phase === 'Pending' && api;
  });
  expect(early.status?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'ReferenceNotFound' });
  expect(early.status?.conditions?.[0]?.message).toContain('Secret missing (spec.model.envFrom[0].secretRef)');
  await world.apply(secret('missing', { a: 'b' }));
  await world.untilReady('early');
  await world.kubectl('delete', 'restapi', 'early', '--timeout=90s');
});

test('a Secret that goes is said to be missing, and the pods that run are left alone', async () => {
  await written(async () => {
    await world.kubectl('delete', 'secret', 'db');
    await phase('Degraded');
  }, []);
  await written(async () => {
    await world.apply(secret('db', { password: `${MARKER}-2` }));
    await phase('Ready');
  }, []);
});

test('an operator that starts anew knows that nothing has changed', async () => {
  await using second = await OperatorCluster.start({ kwokNodes: 1 });
  const first = await second.startOperator();
  await second.apply(secret('db', { a: 'b' }), sample('shop', { model: { envFrom: [{ secretRef: { name: 'db' } }] } }));
  await second.untilReady('shop');
  await first.stop();
  const mark = await second.cluster.auditMark();
  await second.startOperator();
  await eventually(async () => (await second.operatorRequests(mark)).some(({ verb }) => verb === 'get'));
  await sleep(1_000);
  expect(await second.operatorWrites(mark)).toEqual([]);
  const read = (await second.operatorRequests(mark)).filter(({ verb }) => verb === 'get');
  expect(read.map(({ objectRef }) => `${objectRef?.resource} ${objectRef?.name}`)).toEqual([
    'secrets db',
    'secrets restapi-operator-hash-key',
  ]);
});

test('only Secrets that are named are read, and no value is told to anybody', async () => {
  const read = (await world.operatorRequests())
    .filter(({ verb, objectRef }) => verb === 'get' && objectRef?.resource === 'secrets')
    .map(({ objectRef }) => objectRef?.name);
  expect(read).toContain('db');
  expect(read).not.toContain('unrelated');
  expect(await readFile(join(world.cluster.dir, 'operator.log'), 'utf8')).not.toContain(MARKER);
  expect(await world.kubectl('get', 'events,restapis,deployments', '-o', 'json')).not.toContain(MARKER);
});
