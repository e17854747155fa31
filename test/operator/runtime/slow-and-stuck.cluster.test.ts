import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'class-transformer';
import { IsString, MaxLength, ValidateNested } from 'class-validator';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  ApiClient,
  Controller,
  CustomResource,
  crdYaml,
  createLogger,
  customResourceOf,
  type Dependent,
  DependentResource,
  type KubernetesObject,
  OnAdded,
  OnModified,
  Operator,
  type OperatorOptions,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import {
  type ControlPlane,
  type FaultProxy,
  startControlPlane,
  startFaultProxy,
} from '../../../operator/testkit/index.ts';
import { established } from '../../support/established.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition.ts';
import { kubectl } from '../../support/kubectl.ts';

class MemoSpec {
  @IsString()
  @MaxLength(100)
  text!: string;
}

@CustomResource({ group: 'example.com', version: 'v1', kind: 'Memo', plural: 'memos', scope: 'Namespaced' })
class Memo {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => MemoSpec)
  spec!: MemoSpec;
}

@DependentResource(Memo, { apiVersion: 'v1', kind: 'ConfigMap' })
class MemoCard implements Dependent<Memo, KubernetesObject> {
  desired({ metadata, spec }: Memo): KubernetesObject & { data: object } {
    return { metadata: { name: `${metadata.name}-card` }, data: { text: spec.text } };
  }
}

@Controller({ resource: Memo, finalizer: 'example.com/finalizer' })
class MemoController {
  /** How many objects each had before its last run. */
  readonly done = new Map<string, number>();

  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Memo>) {
    const { name } = context.primary.metadata;
    if (name === 'never') await new Promise(() => {});
    if (name === 'later') return { requeueAfterMs: Number(context.primary.spec.text) };
    const before = context.observed(MemoCard).length;
    await context.apply();
    this.done.set(name, before);
    return {};
  }
}

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const NAMESPACE = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };

let cluster: ControlPlane;
let proxy: FaultProxy;
let client: ApiClient;
let running: Operator | undefined;
beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0, audit: false });
  proxy = await startFaultProxy(cluster.kubeConfig);
  client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  await kubectl(cluster, ['create', '-f', '-'], crdYaml(Memo));
  await established(cluster, 'memos.example.com');
  for (const name of ['slow', 'calm', 'stuck']) {
    await client.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
});
afterEach(async () => {
  proxy.clearRules();
  await running?.stop(100);
  running = undefined;
});
afterAll(async () => {
  await client?.close();
  await proxy?.stop();
  await cluster?.stop();
});

async function operate(options: OperatorOptions = {}) {
  const controller = new MemoController();
  const lines: { message: string; [field: string]: unknown }[] = [];
  const logger = createLogger('warn');
  logger.transports.forEach((transport) => {
    transport.silent = true;
  });
  logger.on('data', (line) => lines.push(line));
  running = new Operator({
    name: 'memos',
    kubeConfig: proxy.kubeConfig,
    logger,
    controllers: [controller],
    ...options,
  });
  await running.start();
  return { controller, operator: running, lines };
}

async function make(namespace: string, name: string, text = 'Hello'): Promise<void> {
  await client.create(customResourceOf(Memo), {
    apiVersion: 'example.com/v1',
    kind: 'Memo',
    metadata: { namespace, name },
    spec: { text },
  } as KubernetesObject);
}

test('while writes in one namespace take 12 s, a resource in another is reconciled without waiting for them', async () => {
  const { controller } = await operate({ maxConcurrentRequests: 64 });
  const slow = proxy.rule({
    match: ({ method, path }) => method !== 'GET' && path.startsWith('/api/v1/namespaces/slow/configmaps'),
    fault: { kind: 'delay', ms: 12_000 },
  });
  for (let i = 0; i < 40; i++) await make('slow', `memo-${i}`);
  await eventually(() => slow.fired >= 32, { everyMs: 10 });
  await sleep(1_000);
  const madeAt = performance.now();
  await make('calm', 'quick');
  await eventually(() => client.get(CONFIG_MAP, 'calm', 'quick-card').catch(() => undefined), { everyMs: 10 });
  // The first of those writes ends later.
  expect(performance.now() - madeAt).toBeLessThan(8_000);
  // Those of the slow namespace come too.
  await eventually(() => controller.done.size === 41, { timeoutMs: 120_000, what: 'all made' });
});

test('a handler that never returns is reported with its key, counted, and fails /healthz', async () => {
  const { operator, lines } = await operate({
    // The resources of the tests before are reconciled in this time, also on a busy machine.
    queue: { runTimeoutMs: 4_000, stuckAfterMs: 5_000 },
    unhealthyAfterMs: 12_000,
    healthAddress: '127.0.0.1:0',
  });
  const healthz = async () => {
    const answer = await fetch(`http://127.0.0.1:${operator.healthPort}/healthz`);
    return { status: answer.status, text: await answer.text() };
  };
  await make('stuck', 'never');
  const failed = await eventually(() => lines.find(({ message }) => message.startsWith('Reconcile failed')));
  expect(failed).toMatchObject({ level: 'warn', kind: 'Memo', key: 'stuck/never', failures: 1 });
  expect(String(failed.error)).toContain('run timed out after 4000 ms');
  expect(await healthz()).toEqual({ status: 200, text: 'ok\n' });

  const stuck = await eventually(() => lines.find(({ message }) => message.startsWith('Handler has not returned')));
  expect(stuck).toMatchObject({ level: 'error', key: 'stuck/never', controller: 'MemoController' });
  const found = parseExposition(await operator.metrics.registry.metrics());
  expect(found.sum('operator_workqueue_stuck_runs', { name: 'MemoController' })).toBe(1);
  expect(found.sum('operator_workqueue_failing', { name: 'MemoController' })).toBe(1);
  expect(found.sum('operator_reconcile_errors_total', { controller: 'MemoController' })).toBe(1);

  const { status, text } = await eventually(async () => {
    const answer = await healthz();
    return answer.status === 503 ? answer : undefined;
  });
  expect([status, text.trim()]).toEqual([
    503,
    expect.stringMatching(/^MemoController: the handler of stuck\/never has not returned for \d+ s; /),
  ]);
});

test('a handler that returns an invalid delay fails, and the log names the handler and the value', async () => {
  const { lines } = await operate();
  await make('calm', 'later', 'soon');
  await eventually(() => lines.some(({ key }) => key === 'calm/later'), { everyMs: 10 });
  expect(String(lines.find(({ key }) => key === 'calm/later')?.error)).toContain(
    'MemoController.reconcile: requeueAfterMs must be a finite number of milliseconds, at least 0, got NaN',
  );
});
