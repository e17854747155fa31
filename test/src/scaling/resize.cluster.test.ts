import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ApiClient, type ResourceType, type StoredObject } from '../../../operator/index.ts';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import type { ContainerAmounts } from '../../../resources/model/resized.ts';
import {
  type Recommendation,
  type ResizablePod,
  type VerticalStep,
  verticalStep,
} from '../../../src/scaling/vertical/index.ts';
import { eventually } from '../../support/eventually.ts';

const MIB = 1024 ** 2;
const NAMESPACE = 'default';
const ANSWER = 'pod-resize.stage.kwok.x-k8s.io/answer';
const PODS: ResourceType = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

let cluster: ControlPlane;
let client: ApiClient;
beforeAll(async () => {
  cluster = await startControlPlane();
  // What an operator that resizes pods needs to be allowed.
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'resizer' };
  await apply(
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'resizer' },
      rules: [{ apiGroups: [''], resources: ['pods/resize'], verbs: ['patch'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'resizer' },
      roleRef: role,
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'resizer' }],
    },
  );
  client = new ApiClient({ kubeConfig: await cluster.kubeConfigFor({ name: 'resizer' }), userAgent: 'test' });
});
afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

const kubectl = async (args: string[], input?: string) => {
  const { exitCode, stdout, stderr } = await cluster.kubectl(args, { input });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
};
const apply = (...items: object[]) =>
  kubectl(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
const pods = async (app: string): Promise<StoredObject<ResizablePod>[]> =>
  JSON.parse(await kubectl(['get', 'pods', '-l', `app=${app}`, '-o', 'json'])).items;
const runs = (app: string, resources: ContainerAmounts, annotations: Record<string, string> = {}) =>
  apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app }, annotations },
        spec: { containers: [{ name: 'model', image: 'model:1', resources }] },
      },
    },
  }).then(() => kubectl(['rollout', 'status', 'deployment', app, '--timeout=90s']));
const recommended = (cpu: number, memory: number): Recommendation => ({
  cpu: { target: cpu, lower: cpu / 2, upper: cpu * 2 },
  memory: { target: memory * MIB, lower: (memory * MIB) / 2, upper: memory * MIB * 2 },
  days: 2,
});
const stepFor = async (app: string, recommendation: Recommendation) =>
  verticalStep({
    mode: 'InPlace',
    recommendation,
    container: 'model',
    template: {},
    pods: await pods(app),
    budget: 9,
    hpaMetrics: [],
  });
/** What the operator would do with the step. */
const resize = async (step: VerticalStep) => {
  if (step.action !== 'Resize') throw new Error(`nothing to resize: ${JSON.stringify(step)}`);
  for (const { name, patch } of step.pods) {
    await client.jsonPatch(PODS, NAMESPACE, name, patch, { subresource: 'resize' });
  }
};
const both = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });
/** Of each pod, what it should have and what its node says it has. */
const amounts = async (app: string) =>
  (await pods(app)).map(({ spec, status }) => {
    const [actual] = (status?.containerStatuses ?? []) as { resources?: ContainerAmounts; restartCount?: number }[];
    return [spec.containers[0]?.resources, actual?.resources, actual?.restartCount];
  });

const untilResized = (app: string, resources: ContainerAmounts, count: number) =>
  vi.waitFor(
    async () => expect(await amounts(app)).toEqual(Array.from({ length: count }, () => [resources, resources, 0])),
    { timeout: 60_000, interval: 100 },
  );

test('running pods are resized: none is replaced or restarted, the Deployment does not notice, and new ones are as before', async () => {
  await runs('web', both('100m', '64Mi'));
  const before = await pods('web');
  const deployment = () =>
    kubectl(['get', 'deployment', 'web', '-o', 'jsonpath={.metadata.generation} {.spec.template}']);
  const was = await deployment();
  await resize(await stepFor('web', recommended(0.3, 200)));
  const now = both('300m', '200Mi');
  await untilResized('web', now, 2);
  expect((await pods('web')).map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
  expect(await deployment()).toBe(was);
  expect(await stepFor('web', recommended(0.3, 200))).toMatchObject({ action: 'None', reason: 'AsRecommended' });
  await kubectl(['scale', 'deployment', 'web', '--replicas=3']);
  await kubectl(['rollout', 'status', 'deployment', 'web', '--timeout=90s']);
  // Only the new one has to be resized.
  const step = await stepFor('web', recommended(0.3, 200));
  expect(step.action === 'Resize' && step.pods.length).toBe(1);
  await resize(step);
  await untilResized('web', now, 3);
});

test('quality of service stays, which the API server would insist on; so do limits that are higher', async () => {
  await runs('burst', { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '96Mi' } });
  await resize(await stepFor('burst', recommended(0.3, 200)));
  const [[spec] = []] = await amounts('burst');
  expect(spec).toEqual({ requests: { cpu: '300m', memory: '200Mi' }, limits: { cpu: '3', memory: '300Mi' } });
  const [pod] = await pods('burst');
  const path = '/spec/containers/0/resources';
  const equal = [{ op: 'replace', path, value: both('300m', '200Mi') } as const];
  await expect(
    client.jsonPatch(PODS, NAMESPACE, `${pod?.metadata.name}`, equal, { subresource: 'resize' }),
  ).rejects.toThrow('Pod QOS Class may not change');
});

test('pods that request nothing: refused by us as by the API server', async () => {
  await runs('bare', {});
  const step = await stepFor('bare', recommended(0.3, 200));
  expect(step).toMatchObject({ action: 'None', reason: 'Refused', refused: [{ reason: 'NoRequests' }, {}] });
  const [pod] = await pods('bare');
  const patch = [{ op: 'replace', path: '/spec/containers/0/resources', value: { requests: { cpu: '1' } } } as const];
  await expect(
    client.jsonPatch(PODS, NAMESPACE, `${pod?.metadata.name}`, patch, { subresource: 'resize' }),
  ).rejects.toThrow('Pod QOS Class may not change');
});

test('a node that is too small: reported, and not retried before the target is lower', async () => {
  await runs('big', both('100m', '64Mi'), { [ANSWER]: 'Infeasible' });
  await resize(await stepFor('big', recommended(0.3, 200)));
  const step = await eventually(async () => {
    const found = await stepFor('big', recommended(0.3, 200));
    return found.refused.length === 2 && found;
  });
  expect(step).toMatchObject({ action: 'None', reason: 'Refused', refused: [{ reason: 'Infeasible' }, {}] });
  expect(await stepFor('big', recommended(0.3, 500))).toMatchObject({ action: 'None', reason: 'Refused' });
  await kubectl(['annotate', 'pods', '-l', 'app=big', `${ANSWER}-`]);
  await resize(await stepFor('big', recommended(0.2, 100)));
  await eventually(async () => {
    const found = await stepFor('big', recommended(0.2, 100));
    return found.action === 'None' && found.reason === 'AsRecommended' && found.refused.length === 0;
  });
});

test('does not touch a pod that was replaced or resized by others', async () => {
  await runs('race', both('100m', '64Mi'));
  const step = await stepFor('race', recommended(0.3, 200));
  if (step.action !== 'Resize') throw new Error(step.action);
  const [{ name, patch } = { name: '', patch: [] }] = step.pods;
  const other = patch.map((one) => (one.path === '/metadata/uid' ? { ...one, value: 'another' } : one));
  await expect(client.jsonPatch(PODS, NAMESPACE, name, other, { subresource: 'resize' })).rejects.toMatchObject({
    status: 422,
  });
  expect((await amounts('race'))[0]?.[0]).toEqual(both('100m', '64Mi'));
  await client.jsonPatch(PODS, NAMESPACE, name, patch, { subresource: 'resize' });
  await expect(client.jsonPatch(PODS, NAMESPACE, name, patch, { subresource: 'resize' })).rejects.toMatchObject({
    status: 422,
  });
});
