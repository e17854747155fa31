import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { crdYaml, createLogger, Operator } from 'restapi-operator/operator';
import { type ControlPlane, isWrite, startControlPlane } from 'restapi-operator/operator/testkit';
import { Greeting } from '../../greeting/src/greeting.ts';
import { GreetingController } from '../../greeting/src/greeting-controller.ts';

let cluster: ControlPlane;
let operator: Operator;

before(async () => {
  // etcd and kube-apiserver, on free ports. The first time, their binaries are downloaded or built.
  // There are no pods here; for Deployments leave the options out, and KWOK simulates a node.
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  await kubectl(['apply', '-f', '-'], crdYaml(Greeting));
  const { kubeConfig } = cluster;
  operator = new Operator({
    name: 'greeting-operator',
    kubeConfig,
    controllers: [GreetingController],
    logger: createLogger('error'),
  });
  // Returns when all caches are filled, so when the CRD is served.
  await operator.start();
});

after(async () => {
  await operator?.stop();
  await cluster?.stop();
});

test('a Greeting gets a card', async () => {
  const greeting = { apiVersion: 'example.com/v1', kind: 'Greeting', metadata: { name: 'hi' }, spec: { text: 'Hi' } };
  await kubectl(['apply', '-f', '-'], JSON.stringify(greeting));
  await kubectl(['wait', '--for=jsonpath={.status.ready}=true', 'greeting/hi', '--timeout=30s']);
  assert.equal(await kubectl(['get', 'configmap', 'hi-card', '-o', 'jsonpath={.data.text}']), 'Hi');
});

test('a change of the card is reverted', async () => {
  await kubectl(['patch', 'configmap', 'hi-card', '-p', '{"data":{"text":"Bye"}}']);
  await kubectl(['wait', '--for=jsonpath={.data.text}=Hi', 'configmap/hi-card', '--timeout=30s']);
});

test('a change that does not concern the card causes no writes', async () => {
  const mark = await cluster.auditMark();
  await kubectl(['label', 'greeting', 'hi', 'team=blue']);
  await sleep(1_000);
  const writes = (await cluster.auditSince(mark)).filter(isWrite);
  assert.deepEqual(
    writes.map(({ userAgent }) => userAgent?.split('/')[0]),
    ['kubectl'],
  );
});

/** Runs kubectl as the administrator. @returns what it printed @throws if it fails */
async function kubectl(args: string[], input?: string): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args, { input });
  assert.equal(exitCode, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
