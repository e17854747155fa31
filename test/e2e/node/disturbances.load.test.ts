import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredObject } from '../../../operator/index.ts';
import type { RealNode } from '../../../operator/testkit/index.ts';
import type { RestAPIStatus } from '../../../resources/index.ts';
import { reportedActive } from '../../../src/blue-green/release-status.ts';
import { SHOP_IMAGE } from '../../../src/tools/image/shop-versions.ts';
import type { Pod } from '../../../src/workload/pod.ts';
import { isServing } from '../../src/blue-green/objects.ts';
import { eventually } from '../../support/eventually.ts';
import { BIN_MS, type LoadReport } from '../../support/load/load-report.ts';
import type { LoadCase } from '../../support/load/report.ts';
import { RealCluster } from '../../support/real-cluster.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { writeLoadReport } from './load-report-file.ts';
import { killOperatorProcess, moveOperator, operatorPod, operatorReady, removeOperatorPod } from './operator-faults.ts';
import { startShopLoad } from './shop-load.ts';
import { createShop } from './shops.ts';

/** A node is NotReady so long after its last sign of life. The kubelet gives one every 10 s. */
const GRACE_SECONDS = 20;
/** How long pods stay on a node that is NotReady; the operator's stay 30 s. Without it, Kubernetes' default is 300 s. */
const TOLERATION_SECONDS = 2;
const REPLICAS = 2;
const COMPONENTS = 4;
const LANES = { 'new-get': 25, 'kept-get': 20, 'kept-post': 15 };
const TIMEOUT_MS = 120_000;
/** The endpoint controller and kube-proxy follow a node that is NotReady within this time. */
const FOLLOW_MS = 5_000;
/** The longest that a client waits for an answer while a node is lost. */
const LOST_TIMEOUT_MS = 3_000;

let real: RealCluster;
let first: RealNode;
let second: RealNode;
let version = '1.0.0';
const loads: LoadCase[] = [];

describeOnRealNode('disturbances under load', () => {
  beforeAll(async () => {
    real = await RealCluster.start({
      realNodes: 2,
      operator: { version: '0.0.9' },
      controllerManagerFlags: [`--node-monitor-grace-period=${GRACE_SECONDS}s`, '--node-monitor-period=1s'],
    });
    [first, second] = real.cluster.realNodes as [RealNode, RealNode];
    // A cluster's only DNS server must not be on the node that is lost: then all names would be lost, whatever the operator does.
    const dns = { spec: { template: { spec: { nodeSelector: { 'kubernetes.io/hostname': first.name } } } } };
    const deployment = ['deployment', 'coredns', '-n', 'kube-system'];
    await real.world.kubectl('patch', ...deployment, '-p', JSON.stringify(dns));
    await real.world.kubectl('rollout', 'status', ...deployment, '--timeout=60s');
    await createShop(
      real,
      'shop',
      version,
      {
        replicas: REPLICAS,
        minReadySeconds: 2,
        blueGreen: { enabled: true, scaleDownDelaySeconds: 3, autoRollbackSeconds: 0 },
      },
      {
        topologySpread: [{ topologyKey: 'kubernetes.io/hostname' }],
        tolerations: ['not-ready', 'unreachable'].map((taint) => ({
          key: `node.kubernetes.io/${taint}`,
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: TOLERATION_SECONDS,
        })),
      },
    );
  }, 240_000);

  afterAll(async () => {
    await writeLoadReport('disturbances', loads);
    await real?.[Symbol.asyncDispose]();
  });

  test('the operator is killed twice in mid-release: the release ends, and no request fails', async () => {
    const report = await underLoad('operator killed', async (mark) => {
      await beginRelease();
      const { metadata } = await operatorPod(real);
      await killOperatorProcess(real);
      mark('process killed');
      expect((await status()).release).toBeDefined();
      // As the release goes on, it has been started again.
      await untilShop('the previous environment is stopping', ({ environments }) =>
        environments?.some(({ stopping }) => stopping),
      );
      const restarted = await operatorPod(real);
      expect(restarted.metadata.uid).toBe(metadata.uid);
      expect(restarted.status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(0);
      await removeOperatorPod(real);
      mark('pod removed');
      await untilReleased();
      expect((await operatorPod(real)).metadata.uid).not.toBe(metadata.uid);
    });
    expectAllAnswered(report);
  }, 240_000);

  test.each(['kubelet', 'containerd'] as const)(
    'the %s of each node is killed and started again in mid-release: the release ends, and no request fails',
    async (part) => {
      const report = await underLoad(`${part} killed`, async (mark) => {
        await beginRelease();
        await Promise.all([first.kill(part), second.kill(part)]);
        mark('killed');
        await sleep(3_000);
        expect((await status()).release).toBeDefined();
        await Promise.all([first.start(part), second.start(part)]);
        mark('started');
        await untilReleased();
      });
      expectAllAnswered(report);
    },
    240_000,
  );

  test('the operator is upgraded: pods are not restarted, no request fails, and releases work', async () => {
    const before = await podsAndRestarts();
    const report = await underLoad('operator upgraded', async (mark) => {
      const { metadata } = await operatorPod(real);
      await real.upgradeOperator({});
      mark('upgraded');
      await operatorReady(real);
      expect((await operatorPod(real)).metadata.uid).not.toBe(metadata.uid);
      // It has taken over when it has reconciled a change that concerns no pod.
      await real.patchShop({ blueGreen: { scaleDownDelaySeconds: 4 } });
      await untilShop('the upgraded operator reconciles', ({ phase }) => phase === 'Ready');
      expect(await podsAndRestarts()).toEqual(before);
      await beginRelease();
      mark('release');
      await untilReleased();
    });
    expectAllAnswered(report);
  }, 240_000);

  test('a node is lost: its pods are replaced, and then no request fails', async () => {
    await moveOperator(real, second.name);
    const spread = (await shopPods()).filter((pod) => pod.spec?.nodeName === second.name);
    expect(spread.map(componentOf).sort()).toEqual(['controller', 'model', 'repository', 'view']);
    await forgetUnansweredConnections(first);
    let lostAt = 0;
    let notReadyAt = 0;
    const report = await underLoad(
      'node lost',
      async (mark) => {
        await second.lose();
        lostAt = Date.now();
        mark('lost');
        await eventually(async () => !(await isNodeReady(second.name)), {
          timeoutMs: 60_000,
          what: 'the node is NotReady',
        });
        notReadyAt = Date.now();
        mark('NotReady');
        await operatorReady(real, first.name);
        mark('operator ready');
        await untilReleased();
        mark('shop ready');
        // Longer than a client waits, so that requests sent from now on have failed if they do.
        await sleep(10_000);
        const nodes = new Set((await readyPods()).map(({ spec }) => spec?.nodeName));
        expect([...nodes]).toEqual([first.name]);
      },
      LOST_TIMEOUT_MS,
    );
    // Until the node is NotReady, Kubernetes sends each component's requests there as well: only a shorter grace period can
    // reduce that. A connection that is kept moves over after its first failure, so most of the failures are of new ones.
    const started = Date.parse(report.startedAt);
    const lastFailure = Math.max(...failuresOf(report).map(({ lastMs }) => started + lastMs));
    const failed = failuresOf(report).reduce((sum, { count }) => sum + count, 0);
    const seconds = (at: number) => ((at - lostAt) / 1_000).toFixed(1);
    console.log(
      `node lost: ${failed} requests failed, the last one ${seconds(lastFailure)} s after the loss (sent up to ${LOST_TIMEOUT_MS / 1_000} s before). ` +
        `The node was NotReady after ${seconds(notReadyAt)} s`,
    );
    expect(notReadyAt - lostAt).toBeLessThan((GRACE_SECONDS + 5) * 1_000);
    const settled = notReadyAt + FOLLOW_MS;
    expect(failedAfter(report, settled - started)).toBe(0);
    for (const { name, mixed } of report.lanes) expect.soft(mixed.count, name).toBe(0);
  }, 240_000);
});

/**
 * Lets a node forget connections that no one answers after 5 s instead of 120 s. The load stands for many clients, but has
 * one address: it reuses a source port after about 1,000 connections, and until the node forgets the port's last one, the
 * new one is led to the same pod as that one, though its node is lost; kube-proxy clears such entries for UDP only.
 */
async function forgetUnansweredConnections(node: RealNode): Promise<void> {
  const setting = '/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_syn_sent';
  expect((await node.run(['tee', setting], { input: '5' })).exitCode).toBe(0);
}

/** Runs a load during what `body` does, and until all of that has settled. */
async function underLoad(
  title: string,
  body: (mark: (event: string) => void) => Promise<void>,
  timeoutMs?: number,
): Promise<LoadReport> {
  await using load = await startShopLoad(first, { target: await real.address('shop'), lanes: LANES, timeoutMs });
  const marks: { name: string; at: number }[] = [];
  await sleep(2_000);
  await body((name) => marks.push({ name, at: Date.now() }));
  await sleep(1_000);
  const report = await load.stop();
  const started = Date.parse(report.startedAt);
  loads.push({ title, report, events: marks.map(({ name, at }) => ({ name, atMs: at - started })) });
  return report;
}

function expectAllAnswered(report: LoadReport): void {
  for (const lane of report.lanes) {
    expect.soft(lane, lane.name).toMatchObject({ failed: 0, dropped: 0, mixed: { count: 0 } });
  }
}

/** Requests the other version, and waits until the pods of the preview are being made. */
async function beginRelease(): Promise<void> {
  version = version === '1.0.0' ? '2.0.0' : '1.0.0';
  await real.release(version);
  await untilShop('a release is in progress', ({ release }) => release?.phase === 'Preparing');
  await eventually(async () => (await shopPods()).length > COMPONENTS * REPLICAS, { what: 'a pod of the preview' });
}

/** Waits until the version has the requests, and no other pods are left than its own, all ready. */
async function untilReleased(): Promise<void> {
  await untilShop(
    `version ${version} is active`,
    (status) =>
      status.phase === 'Ready' &&
      status.release === undefined &&
      reportedActive(status)?.image === `${SHOP_IMAGE}:${version}`,
  );
  const settled = async () => {
    const pods = (await shopPods()).filter(({ spec }) => real.cluster.pids[spec?.nodeName ?? '']);
    return pods.length === COMPONENTS * REPLICAS && (await readyPods()).length === pods.length;
  };
  await eventually(settled, { timeoutMs: TIMEOUT_MS, what: 'only the pods of the active version are left' });
}

function untilShop(what: string, check: (status: RestAPIStatus) => boolean | undefined): Promise<RestAPIStatus> {
  return real.world.untilStatus('shop', what, (status) => check(status) === true, { timeoutMs: TIMEOUT_MS });
}

async function status(): Promise<RestAPIStatus> {
  return (await real.shop()).status ?? {};
}

function shopPods(): Promise<StoredObject<Pod>[]> {
  return real.world.list<StoredObject<Pod>>('pods', '-l', 'restapi.dev/name=shop');
}

async function readyPods(): Promise<StoredObject<Pod>[]> {
  return (await shopPods()).filter(isServing);
}

function componentOf({ metadata }: StoredObject<Pod>): string | undefined {
  return metadata.labels?.['restapi.dev/component'];
}

async function podsAndRestarts(): Promise<string[]> {
  return (await shopPods())
    .map(({ metadata, status }) => `${metadata.name} ${metadata.uid} ${status?.containerStatuses?.[0]?.restartCount}`)
    .sort();
}

async function isNodeReady(name: string): Promise<boolean> {
  const nodes = await real.world.list<StoredObject<Pod>>('nodes');
  const node = nodes.find(({ metadata }) => metadata.name === name);
  return node?.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
}

function failedAfter({ lanes }: LoadReport, ms: number): number {
  return lanes.reduce(
    (sum, { series }) => sum + series.failed.slice(Math.ceil(ms / BIN_MS)).reduce((a, b) => a + b, 0),
    0,
  );
}

function failuresOf({ lanes }: LoadReport): { count: number; lastMs: number }[] {
  return lanes.flatMap(({ failures }) => Object.values(failures));
}
