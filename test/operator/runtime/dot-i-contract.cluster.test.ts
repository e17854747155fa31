import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BaseOperator from '@dot-i/k8s-operator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Operator, type ResourceEvent, ResourceEventType } from '../../../operator/index.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition.ts';

const FINALIZER = 'example.com/finalizer';

/** Written as a user of `@dot-i/k8s-operator` writes one: nothing of ours but the base class. */
class MyOperator extends Operator {
  readonly seen: string[] = [];
  readonly cleaned: string[] = [];
  failures = 0;

  protected override async init(): Promise<void> {
    await this.registerCustomResourceDefinition(join(packageRoot(), 'crds', 'restapis.restapi.dev.yaml'));
    await this.registerCustomResourceDefinition(join(packageRoot(), 'crds', 'restapis.restapi.dev.yaml'));
    await this.watchResource('restapi.dev', 'v1alpha1', 'restapis', (event) => this.onEvent(event));
  }

  async onEvent(event: ResourceEvent): Promise<void> {
    const { meta, type, object } = event;
    this.seen.push(`${type} ${meta.namespace}/${meta.name}`);
    if (meta.name === 'flaky' && this.failures < 2) {
      this.failures++;
      throw new Error('not yet');
    }
    const done = await this.handleResourceFinalizer(event, FINALIZER, async ({ meta: { name } }) => {
      this.cleaned.push(name);
    });
    if (done || type === ResourceEventType.Deleted) return;
    const { phase } = (object as { status?: { phase?: string } }).status ?? {};
    if (phase !== 'Seen') {
      const answer = await this.patchResourceStatus(meta, { phase: 'Seen' });
      expect(answer?.resourceVersion).not.toBe(meta.resourceVersion);
    }
  }
}

let cluster: ControlPlane;
let operator: MyOperator;
beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  operator = new MyOperator({ name: 'my-operator', kubeConfig: cluster.kubeConfig });
  await operator.start();
});
afterAll(async () => {
  await operator?.stop();
  await cluster?.stop();
});

const restapi = (name: string) => ({
  apiVersion: 'restapi.dev/v1alpha1',
  kind: 'RestAPI',
  metadata: { name, namespace: 'default' },
  spec: { image: 'registry.example.com/shop:1' },
});
const create = (name: string) => cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(restapi(name)) });
const read = async (name: string) => {
  const { stdout } = await cluster.kubectl(['get', 'restapi', name, '-o', 'json', '--ignore-not-found']);
  return stdout ? JSON.parse(stdout) : undefined;
};

test('is the base class of @dot-i/k8s-operator', () => {
  const Base = (BaseOperator as unknown as { default?: typeof BaseOperator.default }).default ?? BaseOperator;
  expect(operator).toBeInstanceOf(Base);
});

test('events, finalizer and status work as in @dot-i/k8s-operator', async () => {
  await create('one');
  await eventually(async () => (await read('one'))?.status?.phase === 'Seen');
  expect((await read('one')).metadata.finalizers).toEqual([FINALIZER]);
  expect(operator.seen[0]).toBe('ADDED default/one');
  expect(operator.seen.slice(1).every((line) => line === 'MODIFIED default/one')).toBe(true);

  await cluster.kubectl(['delete', 'restapi', 'one', '--timeout=60s']);
  await eventually(() => operator.seen.includes('DELETED default/one'));
  expect(operator.cleaned).toEqual(['one']);
  expect(await read('one')).toBeUndefined();
});

test('finalizers of other controllers are kept', async () => {
  await create('two');
  await eventually(async () => (await read('two'))?.status?.phase === 'Seen');
  await cluster.kubectl([
    'patch',
    'restapi',
    'two',
    '--type=json',
    '-p',
    '[{"op":"add","path":"/metadata/finalizers/-","value":"example.com/other"}]',
  ]);
  await cluster.kubectl(['delete', 'restapi', 'two', '--wait=false']);
  await eventually(async () => JSON.stringify((await read('two'))?.metadata.finalizers) === '["example.com/other"]');
  await cluster.kubectl(['patch', 'restapi', 'two', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  await eventually(async () => (await read('two')) === undefined);
});

test('a handler that throws is retried while other objects are handled', async () => {
  await create('flaky');
  await create('steady');
  await eventually(async () => (await read('steady'))?.status?.phase === 'Seen');
  await eventually(async () => (await read('flaky'))?.status?.phase === 'Seen');
  expect(operator.failures).toBe(2);
  const metrics = parseExposition(await operator.metrics.registry.metrics());
  const controller = 'restapis.restapi.dev/v1alpha1';
  expect(metrics.sum('operator_reconcile_errors_total', { controller })).toBe(2);
  expect(metrics.sum('operator_cache_objects', { kind: 'restapis' })).toBeGreaterThanOrEqual(2);
});

test('an unchanged resource causes no events', async () => {
  // What the test before wrote may still be on its way.
  const quiet = async () => {
    const before = operator.seen.length;
    await sleep(1_000);
    return operator.seen.length === before;
  };
  await eventually(quiet, { what: 'a second without events' });
  expect(await quiet()).toBe(true);
});
