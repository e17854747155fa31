import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { createLogger, type Operator } from 'restapi-operator/operator';
import { type ControlPlane, startControlPlane } from 'restapi-operator/operator/testkit';
import { MANIFESTS } from '../src/manifests.ts';
import { createOperator, NAMESPACE, OPERATOR_NAME } from '../src/operator.ts';

let cluster: ControlPlane;
let operator: Operator;

before(async () => {
  // A real API server. There are no pods, so none of the other components is needed.
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  await kubectl('apply', '-k', 'kustomize/base');
  // The operator runs with the rights of its ServiceAccount, so the test fails when rbac.yaml lacks one.
  const kubeConfig = await cluster.serviceAccountKubeConfig(NAMESPACE, OPERATOR_NAME);
  operator = createOperator({ kubeConfig, logger: createLogger('error') });
  await operator.start();
});

after(async () => {
  await operator?.stop();
  await cluster?.stop();
});

test('the generated manifests are up to date', async () => {
  for (const [path, text] of Object.entries(MANIFESTS)) {
    assert.equal(await readFile(path, 'utf8'), text, `${path} is out of date: run "npm run generate"`);
  }
});

test('a Widget gets its ConfigMap and becomes ready', async () => {
  await kubectl('apply', '-k', 'kustomize/sample');
  await kubectl('wait', '--for=jsonpath={.status.ready}=true', 'widget/my-widget', '--timeout=30s');
  assert.equal(await kubectl('get', 'configmap', 'my-widget-config', '-o', 'jsonpath={.data.message}'), 'hello');
});

test('a deleted ConfigMap is created again', async () => {
  await kubectl('delete', 'configmap', 'my-widget-config');
  await kubectl('wait', '--for=create', 'configmap/my-widget-config', '--timeout=30s');
});

/** Runs kubectl as the administrator. @returns what it printed @throws if it fails */
async function kubectl(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args);
  assert.equal(exitCode, 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
