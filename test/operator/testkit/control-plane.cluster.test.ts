import { readFile, stat } from 'node:fs/promises';
import { AppsV1Api, CoreV1Api } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, isWrite, startControlPlane, versions } from '../../../operator/testkit/index.ts';
import { untilAllowed } from '../../support/until-allowed.ts';

let one: ControlPlane;
let two: ControlPlane;

beforeAll(async () => {
  [one, two] = await Promise.all([
    startControlPlane(),
    startControlPlane({ kwokNodes: 0, controllerManager: false, scheduler: false }),
  ]);
}, 600_000);

afterAll(async () => {
  await Promise.all([one?.stop(), two?.stop()]);
});

async function kubectl(cluster: ControlPlane, ...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
}

async function untilAvailable(cluster: ControlPlane, deployment: string, replicas: number): Promise<void> {
  await kubectl(cluster, 'rollout', 'status', `deployment/${deployment}`, '--timeout=90s');
  const status = await kubectl(cluster, 'get', 'deployment', deployment, '-o=jsonpath={.status.availableReplicas}');
  expect(status).toBe(String(replicas));
}

test('two clusters run independently', async () => {
  expect(one.server).not.toBe(two.server);
  await kubectl(one, 'create', 'configmap', 'only-in-one');
  const other = await two.kubectl(['get', 'configmap', 'only-in-one']);
  expect(other.exitCode).toBe(1);
  expect(other.stderr).toContain('NotFound');
  expect(Object.keys(two.pids).sort()).toEqual(['etcd', 'kube-apiserver', 'supervisor']);
});

test('the server has the pinned version', async () => {
  const version = JSON.parse(await kubectl(one, 'get', '--raw=/version')) as { gitVersion: string };
  // Binaries the user brings along (CONTROL_PLANE_ASSETS) may be of another patch release.
  expect(version.gitVersion).toMatch(new RegExp(`^v${versions.kubernetes.split('.').slice(0, 2).join('\\.')}\\.`));
});

test('a Deployment with 2 replicas becomes available on the fake node and scales down', async () => {
  await kubectl(one, 'create', 'deployment', 'web', '--image=web:1', '--replicas=2');
  await untilAvailable(one, 'web', 2);
  const nodes = await kubectl(one, 'get', 'pods', '-l=app=web', '-o=jsonpath={.items[*].spec.nodeName}');
  expect(nodes).toBe('node-0 node-0');
  await kubectl(one, 'scale', 'deployment/web', '--replicas=0');
  await kubectl(one, 'wait', '--for=delete', 'pod', '-l=app=web', '--timeout=60s');
});

test('a node can be added and removed', async () => {
  await one.addNode('extra', { labels: { zone: 'b' }, capacity: { cpu: '1' } });
  const node = await kubectl(one, 'get', 'node', '-l=zone=b', '-o=jsonpath={.items[*].status.allocatable.cpu}');
  expect(node).toBe('1');
  await one.removeNode('extra');
  expect((await one.kubectl(['get', 'node', 'extra'])).exitCode).toBe(1);
  await expect(two.addNode('none')).rejects.toThrow('kwokNodes');
});

test('a stage of the caller makes pods fail', async () => {
  await using cluster = await startControlPlane({
    kwokConfig: [
      `apiVersion: kwok.x-k8s.io/v1alpha1
kind: Stage
metadata: { name: pod-crash }
spec:
  resourceRef: { apiGroup: v1, kind: Pod }
  selector:
    matchLabels: { crash: 'yes' }
    matchExpressions: [{ key: .status.phase, operator: In, values: [Running] }]
  next:
    statusTemplate: |
      phase: Failed
      reason: Crashed`,
    ],
  });
  await kubectl(cluster, 'run', 'bad', '--image=x', '--labels=crash=yes');
  await kubectl(cluster, 'wait', '--for=jsonpath={.status.reason}=Crashed', 'pod/bad', '--timeout=60s');
});

test('kubectl reads its input and reports a failure without throwing', async () => {
  const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: from-stdin }\ndata: { a: b }\n';
  const applied = await one.kubectl(['apply', '-f', '-'], { input: manifest });
  expect(applied).toMatchObject({ exitCode: 0, stdout: 'configmap/from-stdin created\n' });
  const wrong = await one.kubectl(['get', 'no-such-kind']);
  expect(wrong.exitCode).toBe(1);
  expect(wrong.stderr).toContain('no-such-kind');
});

test('the audit log sees a write by the right user, after the mark', async () => {
  const alice = await one.kubeConfigFor({ name: 'alice', groups: ['testers', 'a,b=c'] });
  await kubectl(one, 'create', 'configmap', 'before-mark');
  const mark = await one.auditMark();
  const denied = await one.kubectl(['create', 'configmap', 'by-alice'], { kubeConfig: alice });
  expect(denied.stderr).toContain('User "alice" cannot create');
  await kubectl(one, 'create', 'rolebinding', 'alice', '--clusterrole=edit', '--group=a,b=c');
  await untilAllowed(one, {
    user: 'alice',
    groups: ['a,b=c'],
    resourceAttributes: { verb: 'create', resource: 'configmaps', namespace: 'default' },
  });
  await one.kubectl(['create', 'configmap', 'by-alice'], { kubeConfig: alice });

  const writes = (await one.auditSince(mark)).filter((event) => isWrite(event) && event.user.username === 'alice');
  expect(writes.map((event) => event.responseStatus?.code)).toEqual([403, 201]);
  expect(writes[1]).toMatchObject({
    stage: 'ResponseComplete',
    verb: 'create',
    user: { groups: expect.arrayContaining(['testers', 'a,b=c']) },
    objectRef: { resource: 'configmaps', namespace: 'default', name: 'by-alice', apiVersion: 'v1' },
    userAgent: expect.stringContaining('kubectl'),
  });
  const names = (events: { objectRef?: { name?: string } }[]) => events.map((event) => event.objectRef?.name);
  expect(names(await one.auditSince(mark))).not.toContain('before-mark');
  expect(names(await one.auditEvents())).toContain('before-mark');
  expect((await one.auditEvents()).filter((event) => event.requestURI.startsWith('/readyz'))).toEqual([]);
});

test('a service account token authenticates as that account', async () => {
  await kubectl(one, 'create', 'serviceaccount', 'robot');
  const robot = await one.serviceAccountKubeConfig('default', 'robot', 600);
  const who = await one.kubectl(['auth', 'whoami', '-o=jsonpath={.status.userInfo.username}'], { kubeConfig: robot });
  expect(who.stdout).toBe('system:serviceaccount:default:robot');
  await expect(one.serviceAccountKubeConfig('default', 'nobody')).rejects.toMatchObject({ status: 404 });
});

test("the Kubernetes client for Node works with the cluster's configurations", async () => {
  const core = one.kubeConfig.makeApiClient(CoreV1Api);
  expect((await core.listNode()).items.map((node) => node.metadata?.name)).toEqual(['node-0']);
  const nobody = (await one.kubeConfigFor({ name: 'nobody' })).makeApiClient(CoreV1Api);
  await expect(nobody.listNode()).rejects.toMatchObject({ code: 403 });
});

test('the kubeconfig file is for this user only', async () => {
  expect((await stat(one.kubeconfigPath)).mode & 0o777).toBe(0o600);
  expect((await stat(one.dir)).mode & 0o777).toBe(0o700);
  expect(await readFile(one.kubeconfigPath, 'utf8')).toContain(one.server);
});

test('the API server can be killed and restarts with its data while other components run on', async () => {
  await kubectl(one, 'create', 'configmap', 'kept');
  const before = one.pids;
  await one.killApiServer();
  expect(one.pids).not.toHaveProperty('kube-apiserver');
  await expect(one.kubeConfig.makeApiClient(CoreV1Api).listNode()).rejects.toThrow();
  await expect(one.killApiServer()).rejects.toThrow('not running');

  await one.startApiServer();
  await kubectl(one, 'get', 'configmap', 'kept');
  await expect(one.startApiServer()).rejects.toThrow('already running');
  await kubectl(one, 'create', 'deployment', 'after-restart', '--image=web:1', '--replicas=2');
  await untilAvailable(one, 'after-restart', 2);
  const { 'kube-apiserver': old, ...others } = before;
  expect(one.pids).toMatchObject(others);
  expect(one.pids['kube-apiserver']).not.toBe(old);
});

test('a paused API server accepts connections and does not answer', async () => {
  const apps = two.kubeConfig.makeApiClient(AppsV1Api);
  await apps.listNamespacedDeployment({ namespace: 'default' });
  await two.pauseApiServer();
  const answer = apps.listNamespacedDeployment({ namespace: 'default' }).then(() => 'answered');
  const silence = new Promise((resolve) => setTimeout(resolve, 700, 'silence'));
  expect(await Promise.race([answer, silence])).toBe('silence');
  await two.resumeApiServer();
  expect(await answer).toBe('answered');
});

test('etcd can be killed and restarts with its data', async () => {
  await kubectl(two, 'create', 'configmap', 'in-etcd');
  await two.kill('etcd');
  await two.startEtcd();
  await expect
    .poll(async () => (await two.kubectl(['get', 'configmap', 'in-etcd'])).exitCode, { timeout: 20_000 })
    .toBe(0);
});
