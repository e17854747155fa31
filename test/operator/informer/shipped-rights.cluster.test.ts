import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Informer } from '../../../operator/informer/informer.ts';
import type { KubernetesObject } from '../../../operator/kubernetes-object.ts';
import { type FaultProxy, startFaultProxy } from '../../../operator/testkit/fault-proxy.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { ApiClient } from '../../../operator/transport/api-client.ts';
import { eventually } from '../../support/eventually.ts';
import { untilGranted } from '../../support/until-allowed.ts';
import { NAMESPACE, QUICK, recordingLogger } from './support.ts';

/** Recovery may need no right that the shipped Role does not grant: list and watch of one Lease, which RBAC ties to its selector. */
const OPS = 'ops';
const ACCOUNT = 'restapi-operator';
const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: true };
const LEASE = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true };

let cluster: ControlPlane;
let admin: ApiClient;
let proxy: FaultProxy;
let client: ApiClient;
let informer: Informer<KubernetesObject>;
let reconnections = 0;
const log = recordingLogger();
let renewals = 0;

beforeAll(async () => {
  cluster = await startControlPlane({ controllerManager: false, scheduler: false, kwokNodes: 0 });
  admin = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  const role = parse(await readFile('kustomize/base/role.yaml', 'utf8')) as KubernetesObject;
  const metadata = { name: ACCOUNT, namespace: OPS };
  await admin.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OPS } });
  const account = { group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true };
  await admin.create(account, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  await admin.create(
    { ...RBAC, kind: 'Role', plural: 'roles' },
    { ...role, metadata: { ...role.metadata, ...metadata } },
  );
  await admin.create({ ...RBAC, kind: 'RoleBinding', plural: 'rolebindings' }, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC.group, kind: 'Role', name: ACCOUNT },
    subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: OPS }],
  } as KubernetesObject);
  await admin.create(LEASE, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata });
  await untilGranted(cluster, OPS, ACCOUNT);
  proxy = await startFaultProxy(await cluster.serviceAccountKubeConfig(OPS, ACCOUNT));
  client = new ApiClient({ kubeConfig: proxy.kubeConfig, userAgent: 'test' });
  informer = new Informer({
    client,
    type: LEASE,
    namespace: OPS,
    fieldSelector: `metadata.name=${ACCOUNT}`,
    timings: QUICK,
    logger: log,
    onReconnect: () => {
      reconnections += 1;
    },
  });
  informer.start();
  await informer.synced(AbortSignal.timeout(60_000));
});

afterEach(() => proxy.clearRules());

afterAll(async () => {
  await informer?.stop();
  await Promise.all([client?.close(), admin?.close()]);
  await proxy?.stop();
  await cluster?.stop();
});

/** Whatever the informer did to come back, it had the right to. */
function expectNoneForbidden(): void {
  expect(proxy.log.filter(({ status }) => status === 403)).toEqual([]);
  expect(log.lines.filter((line) => line.includes('403'))).toEqual([]);
}

/** The informer follows: it sees a write that is made now. */
async function follows(deadlineMs = 60_000): Promise<void> {
  renewals += 1;
  const spec = { holderIdentity: `holder-${renewals}` };
  const lease = await admin.mergePatch(LEASE, OPS, ACCOUNT, { spec });
  expect(await informer.waitFor(lease.metadata?.resourceVersion as string, deadlineMs)).toBe(true);
  expect(informer.get(OPS, ACCOUNT)).toMatchObject({ spec });
  expect(informer.trouble).toBeUndefined();
}

it('a broken connection: the watch of the Lease is reopened', async () => {
  for (let round = 0; round < 3; round++) {
    const before = reconnections;
    proxy.killConnections();
    await eventually(() => reconnections > before, { what: 'the watch is open again', everyMs: 5 });
    await follows();
  }
  expectNoneForbidden();
  expect(proxy.log.some(({ watch, query }) => !watch && query.get('limit') === '1')).toBe(true);
});

it('a Lease written meanwhile: the check asks twice', async () => {
  await proxy.close();
  await admin.mergePatch(LEASE, OPS, ACCOUNT, { spec: { holderIdentity: 'meanwhile' } });
  const mark = proxy.log.length;
  await proxy.open();
  await eventually(() => informer.trouble === undefined && proxy.log.slice(mark).some((r) => r.watch), {
    what: 'what was missed',
    everyMs: 5,
  });
  await follows();
  const checks = proxy.log.slice(mark).filter(({ watch }) => !watch);
  expect(checks.map(({ query }) => query.get('resourceVersionMatch'))).toEqual([null, 'Exact']);
  expectNoneForbidden();
});

it('a temporarily refused check: the Lease is listed again', async () => {
  const rule = proxy.rule({ match: ({ watch }) => !watch, fault: { kind: 'answer', status: 403 } });
  const before = reconnections;
  proxy.killConnections();
  await eventually(() => reconnections > before, { what: 'the watch is open again', everyMs: 5 });
  expect(rule.fired).toBe(1);
  rule.remove();
  await follows();
});

// A server that has just started rejects all requests for a moment, until it knows the Roles.
it('a restart of the API server', async () => {
  await cluster.killApiServer();
  await eventually(() => informer.trouble !== undefined, { what: 'a complaint', everyMs: 5 });
  await cluster.startApiServer();
  await follows();
});

it('a proof that the cache is current, also with a half-open watch', async () => {
  expect(await informer.proveCurrent(60_000)).toBe(true);
  const rule = proxy.rule({ match: ({ watch }) => watch, fault: { kind: 'half-open' } });
  rule.remove();
  await admin.mergePatch(LEASE, OPS, ACCOUNT, { spec: { holderIdentity: 'unseen' } });
  expect(await informer.proveCurrent(60_000)).toBe(true);
  expect(informer.get(OPS, ACCOUNT)).toMatchObject({ spec: { holderIdentity: 'unseen' } });
});

it('every request has the selector', () => {
  expect(proxy.log.length).toBeGreaterThan(10);
  for (const { query } of proxy.log) expect(query.get('fieldSelector')).toBe(`metadata.name=${ACCOUNT}`);
});
