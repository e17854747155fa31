import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isWrite } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { untilAllowed } from '../../support/until-allowed.ts';
import { Plugin, type User } from './plugin.ts';

const SECRET = 'hunter2';
/** Each call starts two processes. */
const TIMEOUT_MS = 300_000;

let world: OperatorCluster;
let plugin: Plugin;
let admin: User;

beforeAll(async () => {
  world = await OperatorCluster.start();
  await world.startOperator();
  plugin = await Plugin.install();
  admin = await plugin.as(world.cluster.kubeConfig, 'admin');
  await world.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: 'default' },
      stringData: { PASSWORD: SECRET },
    },
    sample('shop', { model: { envFrom: [{ secretRef: { name: 'db' } }] } }),
  );
}, TIMEOUT_MS);
afterAll(async () => {
  await plugin?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const run = (...args: string[]) => admin.restapi(args);
const file = (name: string, object: object) => plugin.file(name, JSON.stringify(object));
const withSecret = (spec: object = {}) =>
  sample('shop', { model: { envFrom: [{ secretRef: { name: 'db' } }] }, ...spec });

test('wait, status and events show a RestAPI without Secrets', { timeout: TIMEOUT_MS }, async () => {
  const waited = await run('wait', 'shop', '--for=ready', '--timeout=150s');
  expect(waited).toEqual({ stdout: 'RestAPI default/shop is ready\n', stderr: '', exitCode: 0 });
  const tree = await run('status', 'shop');
  expect(tree.stdout).toMatch(/^RestAPI default\/shop {2}Ready {2}4\/4 pods ready/);
  expect(tree.stdout).toMatch(/├─ model +1\/1 ready +shop-model:8080 .*\n│ {2}└─ shop-model-\w+-\w+ .* Running/);
  const json = await run('status', 'shop', '-o', 'json');
  expect(JSON.parse(json.stdout)).toMatchObject({ name: 'shop', phase: 'Ready', upToDate: true });
  const all = await run('status', '-A');
  expect(all.stdout).toMatch(/^NAMESPACE .*\ndefault +shop +Ready +4\/4 /);
  // Events are written beside the rest.
  const events = await eventually(async () => {
    const ran = await run('events', 'shop');
    return /Normal +AllReady +RestAPI shop +All components are ready/.test(ran.stdout) && ran;
  });
  for (const { stdout } of [tree, json, all, events]) {
    expect(stdout).not.toContain(SECRET);
    expect(stdout).not.toContain('\u001b');
  }
});

test('diff exits with 0 without differences, 1 with some, 2 if rejected; writes nothing', {
  timeout: TIMEOUT_MS,
}, async () => {
  await world.untilQuiet();
  const before = await world.restapi('shop');
  expect(await run('diff', '-f', await file('same.json', withSecret()))).toMatchObject({
    exitCode: 0,
    stdout: 'RestAPI default/shop: no differences\n',
  });
  const other = await run(
    'diff',
    '-f',
    await file('other.json', withSecret({ view: { enabled: false }, replicas: 2 })),
  );
  expect(other.exitCode, other.stderr).toBe(1);
  expect(other.stdout).toMatch(/^~ Deployment shop-model\n {4}spec\.replicas\n/m);
  expect(other.stdout).toMatch(/^- Service shop-view$/m);
  expect(other.stdout).toMatch(/^\+ PodDisruptionBudget shop-model$/m);
  const bad = await run('diff', '-f', await file('bad.json', withSecret({ replcas: 2 })));
  expect(bad.exitCode).toBe(2);
  expect(bad.stderr).toContain('spec.replcas');
  expect((await world.restapi('shop'))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
});

test('restart replaces pods, and the operator keeps the annotation', { timeout: TIMEOUT_MS }, async () => {
  expect(await run('restart', 'shop', 'view')).toMatchObject({
    exitCode: 0,
    stdout: 'Deployment shop-view restarted\n',
  });
  const restartedAt = async () => {
    const text = await world.kubectl('get', 'deployment', 'shop-view', '-o', 'json');
    return JSON.parse(text).spec.template.metadata.annotations['kubectl.kubernetes.io/restartedAt'];
  };
  const at = await restartedAt();
  expect(at).toMatch(/^\d{4}-/);
  await eventually(async () => (await world.list('replicasets', '-l', 'restapi.dev/component=view')).length === 2);
  // The operator writes the Deployment and must keep the annotation.
  await world.apply(withSecret({ replicas: 2 }));
  expect((await run('wait', 'shop', '--for=ready', '--timeout=150s')).exitCode).toBe(0);
  expect((await run('status', 'shop')).stdout).toContain('8/8 pods ready');
  expect(await restartedAt()).toBe(at);
});

test('status works with read-only rights and writes nothing', { timeout: TIMEOUT_MS }, async () => {
  const rule = (apiGroups: string[], resources: string[]) => ({
    apiGroups,
    resources,
    verbs: ['get', 'list', 'watch'],
  });
  await world.apply(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'reader', namespace: 'default' },
      rules: [
        rule(['restapi.dev'], ['restapis']),
        rule([''], ['pods', 'services', 'events']),
        rule(['apps'], ['deployments']),
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'reader', namespace: 'default' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'User', name: 'reader' }],
    },
  );
  const attributes = { verb: 'get', namespace: 'default' };
  await untilAllowed(
    world.cluster,
    { user: 'reader', resourceAttributes: { ...attributes, group: 'restapi.dev', resource: 'restapis' } },
    { user: 'reader', resourceAttributes: { ...attributes, group: 'apps', resource: 'deployments' } },
  );
  const reader = await plugin.as(await world.cluster.kubeConfigFor({ name: 'reader' }), 'reader');
  const mark = await world.cluster.auditMark();
  const tree = await reader.restapi(['status', 'shop']);
  expect(tree.exitCode, tree.stderr).toBe(0);
  expect(tree.stdout).toContain('├─ model');
  expect(tree.stdout).not.toContain('?');
  expect((await reader.restapi(['events', 'shop'])).exitCode).toBe(0);
  const refused = await reader.restapi(['restart', 'shop']);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('cannot patch resource "deployments"');
  const accepted = (await world.cluster.auditSince(mark)).filter(
    (event) => event.user.username === 'reader' && isWrite(event) && (event.responseStatus?.code ?? 0) < 400,
  );
  expect(accepted).toEqual([]);
});

test('diff ignores the changes of an autoscaler; advice', { timeout: TIMEOUT_MS }, async () => {
  const scaled = sample('busy', { autoScaling: { model: { vertical: {} } } });
  await world.apply(scaled);
  await world.untilReady('busy');
  await world.kubectl('scale', 'deployment', 'busy-model', '--replicas=3');
  await eventually(async () => (await world.restapi('busy'))?.status?.readyReplicas === 7);
  expect(await run('diff', '-f', await file('busy.json', scaled))).toMatchObject({
    exitCode: 0,
    stdout: 'RestAPI default/busy: no differences\n',
  });
  const advice = await run('advice', 'busy');
  expect(advice.stdout).toMatch(/^COMPONENT .*\nmodel +3 of 1-10 +cpu \? of 70% +cpu 250m, memory 256Mi +-\n/);
  expect(advice.stdout).toContain('model: cpu is unknown; see the condition ScalingActive');
  const { components } = JSON.parse((await run('advice', 'busy', '-o', 'json')).stdout);
  expect(components[0]).toMatchObject({ name: 'model', replicas: 3, minReplicas: 1, maxReplicas: 10 });
  await world.kubectl('delete', 'restapi', 'busy');
});

test('errors name the problem and exit with 2; kubectl completes', { timeout: TIMEOUT_MS }, async () => {
  expect(await run('status', 'nope')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'error: RestAPI nope not found in namespace default\n',
  });
  expect((await run('restart', 'shop', 'engine')).stderr).toContain('unknown component "engine"; available: model');
  expect((await run('stat')).exitCode).toBe(2);
  const { stdout } = await admin.kubectl(['__complete', 'restapi', 'status', '']);
  expect(stdout).toBe('shop\n:4\n');
  await access(join(plugin.dir, 'kubectl-restapi'), constants.X_OK);
});

test('--watch shows changes until Ctrl-C; wait --for=deleted', { timeout: TIMEOUT_MS }, async () => {
  const late = await run('wait', 'shop', '--for=deleted', '--timeout=1s');
  expect(late.exitCode).toBe(1);
  expect(late.stderr).toContain('still exists after 1s: no deletion was requested');
  await using watching = admin.follow('status', 'shop', '--watch');
  await watching.says(/8\/8 pods ready/);
  await world.kubectl('delete', 'restapi', 'shop', '--wait=false');
  await watching.says(/RestAPI default\/shop is gone/);
  expect(await watching.end('SIGINT')).toBe(0);
  expect((await run('wait', 'shop', '--for=deleted')).exitCode).toBe(0);
});
