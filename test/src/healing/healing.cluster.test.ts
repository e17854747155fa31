import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiClient, type Operator, type StoredObject } from '../../../operator/index.ts';
import { type AuditMark, startFaultProxy } from '../../../operator/testkit/index.ts';
import type { ComponentHealth } from '../../../src/healing/component-health.ts';
import { execute } from '../../../src/healing/execute.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import { eventually } from '../../support/eventually.ts';
import { parseExposition } from '../../support/exposition.ts';
import { OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { done, held, QUICK, readStatus, untilHeld } from './healing-status.ts';
import { Kubelet } from './kubelet.ts';
import { CRASH_STAGES, CRASHING } from './pod-stages.ts';

let world: OperatorCluster;
let kubelet: Kubelet;
let operator: Operator;
beforeAll(async () => {
  world = await OperatorCluster.start({
    kwokNodes: 2,
    kwokConfig: CRASH_STAGES,
    // The nodes' leases are renewed every 10 s, and later on a busy machine.
    controllerManagerFlags: ['--node-monitor-grace-period=25s', '--node-monitor-period=1s'],
  });
  kubelet = new Kubelet(world);
  operator = await world.startOperator({ metricsAddress: '127.0.0.1:0' });
});
afterAll(async () => {
  kubelet?.[Symbol.dispose]();
  await world?.[Symbol.asyncDispose]();
});

// What is left of one would be trouble beyond the RestAPI of the next.
afterEach(() => world.kubectl('delete', 'restapi', '--all', '--timeout=60s'));

const statusOf = (name: string) => readStatus(world, name);
const heldBy = (name: string, reason: string) => untilHeld(world, name, reason);

const crashed = ({ status }: StoredObject<Pod>) =>
  status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff';

async function make(name: string, healing: object, spec: object = {}): Promise<void> {
  await world.apply(sample(name, { replicas: 2, healthCheck: { healing: { ...QUICK, ...healing } }, ...spec }));
  await world.untilReady(name);
}

/** The operator's evictions and restarts that were let in, oldest first. */
async function actionsSince(mark: AuditMark): Promise<string[]> {
  return (await world.operatorWrites(mark, true)).filter((write) => write.includes('/eviction'));
}

test('a pod that runs and does not turn ready is replaced, once, and only after that was written down', async () => {
  await make('stuck', { restartPods: 'Stuck' });
  const [pod] = await kubelet.pods('restapi.dev/name=stuck,restapi.dev/component=view');
  if (!pod) throw new Error('there is no pod');
  const mark = await world.cluster.auditMark();
  await kubelet.say(pod, 'hangs');
  await eventually(async () => done(await statusOf('stuck')).length === 1);
  await world.untilReady('stuck');
  const [action] = done(await statusOf('stuck'));
  const { name } = pod.metadata;
  expect(action).toMatchObject({ action: 'RestartPod', component: 'view', target: name, reason: 'NotReady' });
  expect(await world.get('pod', name)).toBeUndefined();
  const writes = (await world.operatorWrites(mark)).filter((write) => !write.includes('deployments'));
  const evicted = writes.indexOf(`create pods/eviction ${name}`);
  // It turns degraded, and the action is written down; then come its result, and that it is ready again.
  expect(evicted).toBeGreaterThanOrEqual(2);
  expect(writes.filter((write) => write.startsWith('create pods'))).toHaveLength(1);
  // One for each thing that it hears of: on a busy machine, of the pods one by one.
  expect(writes.length).toBeLessThanOrEqual(12);

  // Events are written beside the rest.
  const noted = await eventually(async () => {
    const events = await world.list<{ reason: string; note: string }>('events.events.k8s.io');
    return events.find(({ reason }) => reason === 'PodRestarted')?.note;
  });
  expect(noted).toContain(`Pod ${name} was replaced`);
  const text = await (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text();
  const labels = { namespace: 'default', name: 'stuck', component: 'view', action: 'RestartPod' };
  const told = parseExposition(text);
  expect(told.sum('restapi_healing_actions_total', labels)).toBe(1);
  // So that its first action, too, is seen as an increase.
  expect(told.sum('restapi_healing_actions_total', { ...labels, action: 'Rollback' })).toBe(0);
  // A healthy component may have a series, of 0: a Deployment's watch can report the end of its rollout before the watch
  // of the pods reports the last of them as ready.
  expect(told.sum('restapi_healing_actions_total', { namespace: 'default', name: 'stuck' })).toBe(1);

  // Nothing more.
  await world.untilQuiet();
});

test('a component that goes on crashing is restarted within the budget, then held', async () => {
  await make('crashing', { restartComponents: true, maxActions: 2 });
  await world.kubectl(
    'patch',
    'restapi',
    'crashing',
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { model: { image: CRASHING } } }),
  );
  await heldBy('crashing', 'BudgetSpent');
  const status = await statusOf('crashing');
  expect(done(status).map(({ action, target }) => `${action} ${target}`)).toEqual(
    Array(2).fill('RestartComponent crashing-model'),
  );
  const [second, first] = done(status).map(({ at }) => Date.parse(at));
  expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(5_000);
  const revision = async () =>
    (await world.get('deployment', 'crashing-model'))?.metadata.annotations?.['deployment.kubernetes.io/revision'];
  // The roll-out of the person, and two restarts. The controller of Deployments counts them a moment later.
  await eventually(async () => Number(await revision()) >= 4, { what: 'the fourth revision' });
  expect(await revision()).toBe('4');
  const selector = 'restapi.dev/name=crashing,restapi.dev/component=model';
  await eventually(async () => (await kubelet.pods(selector)).every(crashed), { what: 'the new pods crash as well' });
  // Until their time would have come.
  await sleep(6_000);
  await heldBy('crashing', 'BudgetSpent');
  const mark = await world.cluster.auditMark();
  await sleep(3_000);
  expect(await world.operatorWrites(mark)).toEqual([]);
});

test('an operator killed between writing an action down and doing it does it once, and has counted it', async () => {
  await make('killed', { restartPods: 'Dead' });
  const proxy = await startFaultProxy(world.operatorConfig);
  await operator.stop();
  try {
    const evictions = proxy.rule({
      match: ({ method, path }) => method === 'POST' && path.endsWith('/eviction'),
      fault: { kind: 'answer', status: 503 },
    });
    const dying = await world.startOperator({ kubeConfig: proxy.kubeConfig });
    const [pod] = await kubelet.pods('restapi.dev/name=killed,restapi.dev/component=model');
    if (!pod) throw new Error('there is no pod');
    await kubelet.say(pod, 'crashes');
    await eventually(() => evictions.fired > 0, { what: 'an eviction that does not arrive' });
    await dying.stop();
    const [begun, ...more] = (await statusOf('killed')).healing?.actions ?? [];
    expect(more).toEqual([]);
    expect(begun).toMatchObject({ action: 'RestartPod', target: pod.metadata.name });
    expect(begun).not.toHaveProperty('result');
    const mark = await world.cluster.auditMark();
    operator = await world.startOperator();
    await eventually(async () => done(await statusOf('killed')).length === 1);
    await world.untilReady('killed');
    expect((await statusOf('killed')).healing?.actions).toHaveLength(1);
    expect(await actionsSince(mark)).toEqual([`create pods/eviction ${pod.metadata.name}`]);
  } finally {
    await proxy.stop();
  }
});

test("H2: a person's pod with the labels of a component is left alone, however it crashes", async () => {
  await make('shared', { restartPods: 'Stuck', restartComponents: true });
  const selector = 'restapi.dev/name=shared,restapi.dev/component=model';
  const [own] = await kubelet.pods(selector);
  if (!own) throw new Error('there is no pod');
  const labels = Object.fromEntries(
    Object.entries(own.metadata.labels ?? {}).filter(([label]) => label.startsWith('restapi.dev/')),
  );
  const spec = { nodeName: own.spec?.nodeName, containers: [{ name: 'model', image: 'debug' }] };
  await world.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'debug', labels }, spec });
  const debug = await eventually(async () => (await kubelet.pods(selector)).find(isDebug));
  const mark = await world.cluster.auditMark();
  await eventually(() => kubelet.say(debug, 'crashes'));
  await sleep(8_000);
  expect(await actionsSince(mark)).toEqual([]);
  // So healing does look after this component.
  await kubelet.say(own, 'crashes');
  await eventually(async () => done(await statusOf('shared')).length === 1);
  expect(await actionsSince(mark)).toEqual([`create pods/eviction ${own.metadata.name}`]);
  const [kept] = (await kubelet.pods(selector)).filter(isDebug);
  expect(kept?.metadata.uid).toBe(debug.metadata.uid);
  await world.kubectl('delete', 'pod', 'debug', '--wait=false');

  function isDebug({ metadata }: StoredObject<Pod>): boolean {
    return metadata.name === 'debug';
  }
});

test('H3: by default a crashing pod is kept; where its restart is asked for, how it ended is kept', async () => {
  await make('evidence', {});
  const [pod] = await kubelet.pods('restapi.dev/name=evidence,restapi.dev/component=view');
  if (!pod) throw new Error('there is no pod');
  const mark = await world.cluster.auditMark();
  await kubelet.say(pod, 'crashes');
  await heldBy('evidence', 'NotAskedFor');
  expect(await actionsSince(mark)).toEqual([]);
  const change = { spec: { healthCheck: { healing: { restartPods: 'Dead' } } } };
  await world.kubectl('patch', 'restapi', 'evidence', '--type=merge', '-p', JSON.stringify(change));
  await eventually(async () => done(await statusOf('evidence')).length === 1);
  const [action] = done(await statusOf('evidence'));
  expect(action?.lastTermination).toMatchObject({
    container: 'view',
    exitCode: 3,
    reason: 'Error',
    message: 'no database',
  });
  await eventually(async () => {
    const events = await world.list<{ reason: string; note: string }>('events.events.k8s.io');
    return events.some(
      ({ reason, note }) => reason === 'PodRestarted' && note.includes('exit code 3, Error: no database'),
    );
  });
});

test('H4: a pod is not stuck while its startup probe lets it start', async () => {
  // 20 seconds to start, and 5 more.
  const startup = { periodSeconds: 5, failureThreshold: 4 };
  await make('slow', {}, { healthCheck: { startup, healing: { ...QUICK, restartPods: 'Stuck' } } });
  const [pod] = await kubelet.pods('restapi.dev/name=slow,restapi.dev/component=view');
  if (!pod) throw new Error('there is no pod');
  const mark = await world.cluster.auditMark();
  const startedAt = Date.now();
  await kubelet.say(pod, 'hangs');
  await eventually(async () => done(await statusOf('slow')).length === 1);
  const [action] = done(await statusOf('slow'));
  expect(Date.parse(action?.at ?? '') - startedAt).toBeGreaterThan(23_000);
  expect(await actionsSince(mark)).toEqual([`create pods/eviction ${pod.metadata.name}`]);
});

test('does not evict a pod that recovered, another of its name, or one that a budget protects', async () => {
  await make('guarded', { enabled: false });
  const [first, second] = await kubelet.pods('restapi.dev/name=guarded,restapi.dev/component=view');
  if (!first || !second) throw new Error('there are no pods');
  await kubelet.say(first, 'crashes');
  const client = new ApiClient({ kubeConfig: world.operatorConfig, userAgent: 'test' });
  const evict = (pod: StoredObject<Pod>, id = pod.metadata.uid) => {
    const message = 'it crashed';
    const about = { component: 'view', target: pod.metadata.name, id, reason: 'CrashLoopBackOff', message } as const;
    const seen = { ...pod, metadata: { ...pod.metadata, uid: id } };
    const health = { failing: [{ pod: seen }] } as unknown as ComponentHealth;
    const record = { at: new Date().toISOString(), action: 'RestartPod', ...about } as const;
    return execute(record, [health], [], client, AbortSignal.timeout(10_000));
  };
  try {
    const budget = () => world.get<{ status: { disruptionsAllowed: number } }>('pdb', 'guarded-view');
    await eventually(async () => (await budget())?.status.disruptionsAllowed === 0);
    // One of two is not ready, so the other is needed.
    expect(await evict(second)).toMatchObject({ result: 'Refused', did: false });
    expect(await evict(first, 'of-another')).toMatchObject({ did: false });
    expect((await kubelet.pods('restapi.dev/name=guarded')).length).toBe(8);
    expect(await evict(first)).toEqual({ result: 'Done', did: true });
    expect(await evict({ ...first, metadata: { ...first.metadata, name: 'gone' } })).toMatchObject({ did: false });
    await world.untilReady('guarded');
  } finally {
    await client.close();
  }
});

test('where no node answers any more nothing is done, and it says why', async () => {
  await make('lost', { restartPods: 'Stuck', restartComponents: true });
  const mark = await world.cluster.auditMark();
  await world.cluster.kill('kwok');
  await heldBy('lost', 'NodesLost');
  await sleep(6_000);
  expect(await actionsSince(mark)).toEqual([]);
  const status = await statusOf('lost');
  expect(status.healing?.actions ?? []).toEqual([]);
  expect(held(status)?.message).toContain('the cluster or the network');
  expect(status.components?.map(({ reason }) => reason)).toEqual(Array(4).fill('NodeLost'));
});
