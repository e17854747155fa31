import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Operator } from '../../../operator/index.ts';
import {
  type AuditMark,
  type FaultProxy,
  isWrite,
  requests,
  startFaultProxy,
  startSlowWebhook,
} from '../../../operator/testkit/index.ts';
import { createOperator, OPERATOR_NAME } from '../../../src/create-operator.ts';
import { eventually } from '../../support/eventually.ts';
import { LogTail } from '../../support/log-tail.ts';
import { OPERATOR_USER, OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { Admin } from './admin.ts';

/**
 * Within this a RestAPI that has nothing to do with the trouble of others must be begun. On a machine that has time it is within
 * a second; whoever waits for a webhook waits 8 s, and the other troubles do not end.
 */
const BEGIN_MS = 5_000;

let world: OperatorCluster;
let admin: Admin;
let proxy: FaultProxy;
let operator: Operator;
let log: LogTail;
let round = 0;
/** Where the trouble is, and where it is not. */
let troubled: string;
let calm: string;

beforeAll(async () => {
  world = await OperatorCluster.start({ kwokNodes: 0, scheduler: false, controllerManager: false });
  admin = new Admin(world.cluster);
});
afterAll(() => world?.[Symbol.asyncDispose]());

beforeEach(async () => {
  round += 1;
  [troubled, calm] = [`troubled-${round}`, `calm-${round}`];
  for (const name of [troubled, calm]) await admin.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  log = new LogTail();
  proxy = await startFaultProxy(world.operatorConfig);
  operator = createOperator({
    kubeConfig: proxy.kubeConfig,
    leaderElection: { namespace: 'restapi-system', name: OPERATOR_NAME, identity: `operator-${round}` },
    logger: log.loggerOf('operator'),
  });
  await operator.start();
  await eventually(() => operator.leading, { what: 'the operator leads' });
});
afterEach(async () => {
  // The faults end first, or the operator would not.
  proxy.clearRules();
  await operator.stop(1_000);
  await proxy.stop();
  for (let index = 0; index < 40; index++) await forget(`app-${index}`, troubled);
});

/** Deletes a RestAPI without anybody's help: the next operator must not go on with it. */
async function forget(name: string, namespace: string): Promise<void> {
  const object = { apiVersion: 'restapi.dev/v1alpha1', kind: 'RestAPI', metadata: { name, namespace } };
  if (!(await admin.exists(object))) return;
  await admin.patch({ ...object, metadata: { ...object.metadata, finalizers: null } });
  await admin.delete(object);
}

async function createTroubled(count: number, spec: object = {}): Promise<void> {
  for (let index = 0; index < count; index++) await admin.create(sample(`app-${index}`, spec, troubled));
}

/** Writes of the operator in a namespace. */
async function writesIn(namespace: string, mark: AuditMark) {
  const events = await world.cluster.auditSince(mark);
  return events.filter(
    (event) => isWrite(event) && event.user.username === OPERATOR_USER && event.objectRef?.namespace === namespace,
  );
}

/** How long after its creation the operator's first write for a RestAPI of the calm namespace came, milliseconds. */
async function beginning(): Promise<number> {
  const mark = await world.cluster.auditMark();
  await admin.create(sample('innocent', {}, calm));
  const first = await eventually(
    async () =>
      (await writesIn(calm, mark)).find(
        // The finalizer is no work yet.
        ({ objectRef }) => objectRef?.resource !== 'restapis' || objectRef.subresource === 'status',
      ),
    { timeoutMs: 90_000, everyMs: 50, what: 'a write for the innocent RestAPI' },
  );
  const created = (await world.cluster.auditSince(mark)).find(
    ({ verb, objectRef }) => verb === 'create' && objectRef?.namespace === calm && objectRef.resource === 'restapis',
  );
  const took = Date.parse(first.requestReceivedTimestamp) - Date.parse(created?.stageTimestamp ?? '');
  console.log(`the innocent RestAPI was begun after ${took} ms`);
  return took;
}

test('D4: a stalled watch of Deployments, on which 20 RestAPIs wait, delays no RestAPI of another namespace', async () => {
  proxy.rule({ match: requests({ plural: 'deployments', verb: 'watch' }), fault: { kind: 'half-open' } });
  const mark = await world.cluster.auditMark();
  await createTroubled(20);
  const writtenDeployments = async () =>
    (await writesIn(troubled, mark)).filter(({ objectRef }) => objectRef?.resource === 'deployments').length;
  // As many as there are places have written theirs, and wait until they see them.
  await eventually(async () => (await writtenDeployments()) >= 16 * 4, { what: '16 RestAPIs have Deployments' });
  await sleep(1_000);
  expect(await beginning(), log.toString()).toBeLessThan(BEGIN_MS);
});

test('D4: forty RestAPIs that reference a Secret without the right to watch Secrets delay no other namespace', async () => {
  const { remove } = proxy.rule({
    match: requests({ plural: 'secrets', verb: ['list', 'watch'] }),
    fault: { kind: 'answer', status: 403 },
  });
  await createTroubled(40, { model: { envFrom: [{ secretRef: { name: 'db' } }] } });
  await sleep(2_000);
  expect(await beginning(), log.toString()).toBeLessThan(BEGIN_MS);
  remove();
});

test('D3: a webhook that takes 8 s for Deployments of forty RestAPIs costs neither the lead nor another namespace time', async () => {
  const webhook = await startSlowWebhook(world.cluster, {
    name: 'slow',
    delayMs: 8_000,
    kinds: [{ group: 'apps', plural: 'deployments' }],
    namespaces: [troubled],
  });
  await sleep(2_000);
  let lost = 0;
  const sampler = setInterval(() => {
    if (!operator.leading) lost += 1;
  }, 50);
  await createTroubled(40);
  await eventually(() => webhook.asked >= 8, { what: 'the webhook is asked' });
  const took = await beginning();
  // More than the Lease's renew deadline twice over.
  await sleep(25_000);
  clearInterval(sampler);
  await webhook.stop();
  expect({ lost }, log.toString()).toEqual({ lost: 0 });
  expect(took, log.toString()).toBeLessThan(BEGIN_MS);
});
