import { Type } from 'class-transformer';
import { IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ApiClient,
  Controller,
  CustomResource,
  crdYaml,
  createLogger,
  type Dependent,
  DependentResource,
  type KubernetesObject,
  OnAdded,
  OnDeleted,
  OnModified,
  Operator,
  type ReconcileContext,
  type ResourceEvent,
  type StoredObject,
} from '../../../operator/index.ts';
import { InformerPool } from '../../../operator/runtime/informer-pool.ts';
import { type AuditMark, type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { established } from '../../support/established.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { QUICK } from '../informer/support.ts';
import { WIDGET, widgetCrd } from '../informer/widget.ts';

/** An operator one of whose kinds the cluster may not have. */
class ShelfSpec {
  @IsOptional()
  @IsString()
  @MaxLength(100)
  widget?: string;
}

@CustomResource({
  group: 'shelves.dev',
  version: 'v1',
  kind: 'Shelf',
  plural: 'shelves',
  scope: 'Namespaced',
  status: true,
})
class Shelf {
  apiVersion!: string;
  kind!: string;
  metadata!: StoredObject['metadata'];

  @ValidateNested()
  @Type(() => ShelfSpec)
  spec!: ShelfSpec;
}

@DependentResource(Shelf, { apiVersion: 'v1', kind: 'ConfigMap' })
class ShelfPlan implements Dependent<Shelf, KubernetesObject> {
  desired({ metadata }: Shelf): KubernetesObject {
    return { metadata: { name: `${metadata.name}-plan` } };
  }
}

@DependentResource(Shelf, {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  ifKindMissing: 'wait',
  dependsOn: [ShelfPlan],
})
class ShelfWidget implements Dependent<Shelf, KubernetesObject> {
  desired({ metadata, spec }: Shelf): KubernetesObject | undefined {
    return spec.widget === undefined ? undefined : { metadata: { name: `${metadata.name}-${spec.widget}` } };
  }
}

/** Waits for the widget where there is to be one. */
@DependentResource(Shelf, { apiVersion: 'v1', kind: 'ConfigMap', dependsOn: [ShelfWidget] })
class ShelfLabel implements Dependent<Shelf, KubernetesObject> {
  desired({ metadata }: Shelf): KubernetesObject {
    return { metadata: { name: `${metadata.name}-label` } };
  }
}

@Controller({ resource: Shelf, finalizer: 'shelves.dev/finalizer' })
class ShelfController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<Shelf>) {
    const result = await context.apply();
    const outcomes = result.outcomes.map(({ name, action, ready }) => ({ name, action, ready }));
    return { status: { outcomes, labels: result.observed(ShelfLabel).length } };
  }

  @OnDeleted()
  async cleanUp(_event: ResourceEvent, context: ReconcileContext<Shelf>) {
    return { keepFinalizer: (await context.deleteDependents()) > 0 };
  }
}

interface Outcome {
  name: string;
  action: string;
  ready: true | string;
}

const SHELF = { group: 'shelves.dev', version: 'v1', kind: 'Shelf', plural: 'shelves', namespaced: true };
const OPERATOR = 'system:serviceaccount:default:shelver';
const UNSERVED =
  'this cluster does not serve Widget of example.com/v1: install the CRD widgets.example.com, or disable what needs it';

let cluster: ControlPlane;
let admin: ApiClient;
let operator: Operator;

const run = (args: string[], input?: string) => kubectl(cluster, args, input);
const install = async (crd: string) => {
  await run(['create', '-f', '-'], crd);
};
const shelve = (name: string, spec: object) =>
  admin.create(SHELF, {
    apiVersion: 'shelves.dev/v1',
    kind: 'Shelf',
    metadata: { name, namespace: 'default' },
    spec,
  } as never);
const outcome = async (shelf: string, object: string): Promise<Outcome | undefined> => {
  const { status } = (await admin.get(SHELF, 'default', shelf)) as { status?: { outcomes: Outcome[] } };
  return status?.outcomes.find(({ name }) => name === object);
};
const exists = async (kind: string, name: string) =>
  (await run(['get', kind, name, '--ignore-not-found', '-o', 'name'])) !== '';
const widgetIsThere = (name: string) =>
  eventually(() => admin.get(WIDGET, 'default', name).catch(() => undefined), { what: `Widget ${name}` });
const operatorRequests = async (mark: AuditMark) =>
  (await cluster.auditSince(mark)).filter(
    ({ user, stage }) => user.username === OPERATOR && stage === 'ResponseComplete',
  );

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  admin = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  await install(crdYaml(Shelf));
  await established(cluster, 'shelves.shelves.dev');
  await run(['create', 'serviceaccount', 'shelver']);
  await run([
    'create',
    'clusterrolebinding',
    'shelver',
    '--clusterrole=cluster-admin',
    '--serviceaccount=default:shelver',
  ]);
  operator = new Operator({
    name: 'shelver',
    kubeConfig: await cluster.serviceAccountKubeConfig('default', 'shelver'),
    controllers: [ShelfController],
    informerTimings: QUICK,
  });
  await operator.start();
});

afterAll(async () => {
  await operator?.stop();
  await admin?.close();
  await cluster?.stop();
});

test('without the kind the operator is ready and reconciles everything else', async () => {
  expect(operator.ready).toBe(true);
  await shelve('plain', {});
  await eventually(() => exists('configmap', 'plain-label'));
  // Of what nobody asks for, nothing is said.
  await eventually(async () => (await outcome('plain', 'plain-label'))?.ready === true);
  const { status } = (await admin.get(SHELF, 'default', 'plain')) as { status?: { outcomes: Outcome[] } };
  expect(status?.outcomes.map(({ name }) => name)).toEqual(['plain-plan', 'plain-label']);
  expect(status).toMatchObject({ labels: 1 });
});

test('objects of the missing kind are reported as unavailable, not requested, and block their dependents', async () => {
  const mark = await cluster.auditMark();
  await shelve('wide', { widget: 'w' });
  await eventually(() => outcome('wide', 'wide-w'));
  expect(await outcome('wide', 'wide-w')).toEqual({ name: 'wide-w', action: 'unavailable', ready: UNSERVED });
  expect(await outcome('wide', 'wide-label')).toMatchObject({ action: 'skipped', ready: 'waits for ShelfWidget' });
  expect(await exists('configmap', 'wide-plan')).toBe(true);
  const asked = (await operatorRequests(mark)).filter(({ objectRef }) => objectRef?.resource === 'widgets');
  expect(asked.filter(({ verb }) => verb !== 'watch')).toEqual([]);
});

test('a resource that is deleted while the kind is missing is removed', async () => {
  await shelve('gone', { widget: 'w' });
  await eventually(() => outcome('gone', 'gone-w'));
  await run(['delete', 'shelf', 'gone', '--timeout=60s']);
  expect(await exists('configmap', 'gone-plan')).toBe(false);
});

test('a kind may appear, disappear and reappear while the operator runs', async () => {
  for (let round = 1; round <= 2; round++) {
    await install(JSON.stringify(widgetCrd));
    await widgetIsThere('wide-w');
    await eventually(async () => (await outcome('wide', 'wide-label'))?.ready === true);
    expect(await outcome('wide', 'wide-w')).toMatchObject({ ready: true });

    const [mark, began] = [await cluster.auditMark(), performance.now()];
    await run(['delete', 'crd', widgetCrd.metadata.name, '--timeout=60s']);
    await eventually(async () => (await outcome('wide', 'wide-w'))?.action === 'unavailable');
    expect(operator.ready).toBe(true);
    // Not in a loop, however long the server takes.
    const seconds = (performance.now() - began) / 1_000;
    expect((await operatorRequests(mark)).length).toBeLessThan(50 + 10 * seconds);
    // It goes on with everything else.
    await shelve(`after-${round}`, {});
    await eventually(() => exists('configmap', `after-${round}-label`));
  }
});

test('its objects are deleted when they are no longer wanted, or with their owner', async () => {
  await install(JSON.stringify(widgetCrd));
  await widgetIsThere('wide-w');
  await run(['patch', 'shelf', 'wide', '--type=merge', '-p', '{"spec":{"widget":null}}']);
  await eventually(async () => (await run(['get', 'widgets', '-o', 'name'])) === '');
  await run(['patch', 'shelf', 'wide', '--type=merge', '-p', '{"spec":{"widget":"v"}}']);
  await widgetIsThere('wide-v');
  await run(['delete', 'shelf', 'wide', '--timeout=60s']);
  expect(await run(['get', 'widgets', '-o', 'name'])).toBe('');
});

test('dependents that disagree on whether a kind is optional are rejected', () => {
  const pool = new InformerPool(admin, createLogger('error'));
  const informer = pool.of(WIDGET, 'a=b', true);
  expect(pool.of(WIDGET, 'a=b', true)).toBe(informer);
  expect(() => pool.of(WIDGET, 'a=b')).toThrow('Widget is generated by one dependent with ifKindMissing');
});
