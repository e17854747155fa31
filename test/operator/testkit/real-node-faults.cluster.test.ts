import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, type RealNode, startControlPlane } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { ask, create, fieldOf, startWeb, webImage, webPodSpec } from '../../support/real-node/web-pods.ts';

/** The kubelet renews its lease every 10 s, and later on a busy machine. */
const GRACE_SECONDS = 25;

describeOnRealNode('faults of real nodes', () => {
  let cluster: ControlPlane;
  let first: RealNode;
  let image: Awaited<ReturnType<typeof webImage>>;

  beforeAll(async () => {
    image = await webImage();
    cluster = await startControlPlane({
      realNodes: 2,
      kwokNodes: 1,
      images: [image.tar],
      controllerManagerFlags: [`--node-monitor-grace-period=${GRACE_SECONDS}s`, '--node-monitor-period=1s'],
    });
    first = cluster.realNodes[0] as RealNode;
    await startWeb(cluster, 'steady', { node: 'real-0' });
  }, 900_000);
  afterAll(async () => {
    await cluster?.stop();
    await image?.[Symbol.asyncDispose]();
  });

  const isReady = async (node: string) =>
    (await fieldOf(cluster, `node ${node}`, '{.status.conditions[?(@.type=="Ready")].status}')) === 'True';
  const answers = async (pod: string) => {
    const ip = await fieldOf(cluster, `pod ${pod}`, '{.status.podIP}');
    expect((await ask(cluster, `${ip}:8080`, '/')).pod).toBe(pod);
  };
  const expectSteady = async () => {
    await answers('steady');
    expect(await fieldOf(cluster, 'pod steady', '{.status.containerStatuses[0].restartCount}')).toBe('0');
  };

  test.each(['kubelet', 'containerd', 'kube-proxy'] as const)(
    '%s is killed and started again: containers go on running',
    async (part) => {
      const pid = cluster.pids[`real-0/${part}`];
      expect(pid).toBeGreaterThan(0);
      await expect(first.start(part)).rejects.toThrow('is already running');
      await first.kill(part);
      expect(cluster.pids[`real-0/${part}`]).toBeUndefined();
      await expect(first.kill(part)).rejects.toThrow('is not running');
      await answers('steady');
      await first.start(part);
      expect(cluster.pids[`real-0/${part}`]).not.toBe(pid);
      await startWeb(cluster, `after-${part}`, { node: 'real-0' });
      await eventually(() => isReady('real-0'));
      const service = await fieldOf(cluster, `service after-${part}`, '{.spec.clusterIP}');
      expect((await eventually(() => ask(cluster, `${service}:80`, '/'))).pod).toBe(`after-${part}`);
      await expectSteady();
    },
  );

  test('a paused kubelet starts no pods, a resumed one does', async () => {
    await first.pause('kubelet');
    await create(cluster, {
      kind: 'Pod',
      apiVersion: 'v1',
      metadata: { name: 'later' },
      spec: webPodSpec({ node: 'real-0' }),
    });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await fieldOf(cluster, 'pod later', '{.status.phase}')).toBe('Pending');
    await first.resume('kubelet');
    await eventually(async () => (await fieldOf(cluster, 'pod later', '{.status.phase}')) === 'Running');
  });

  test('the API server is killed and started again', async () => {
    await cluster.killApiServer();
    await cluster.startApiServer();
    await startWeb(cluster, 'after-api-server', { node: 'real-1' });
    await answers('after-api-server');
    await expectSteady();
  });

  test('KWOK plays the pods of its nodes only', async () => {
    const spec = { nodeName: 'node-0', containers: [{ name: 'played', image: 'nowhere:1' }] };
    await create(cluster, { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'played' }, spec });
    await kubectl(cluster, ['wait', '--for=condition=Ready', 'pod/played', '--timeout=90s']);
    const real = { ...spec, nodeName: 'real-0' };
    await create(cluster, { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'no-image' }, spec: real });
    const reason = '{.status.containerStatuses[0].state.waiting.reason}';
    await eventually(async () =>
      /^(ErrImagePull|ImagePullBackOff)$/.test(await fieldOf(cluster, 'pod no-image', reason)),
    );
    await kubectl(cluster, ['delete', 'pod', 'no-image', 'played', '--force']);
  });

  test('a restored etcd does not touch the containers of before, and those of after it are ended', async () => {
    const snapshot = await cluster.snapshot();
    await startWeb(cluster, 'forgotten', { node: 'real-0' });
    const ip = await fieldOf(cluster, 'pod forgotten', '{.status.podIP}');
    const nodes = ['real-0', 'real-1', 'real-0/containerd', 'real-1/containerd'];
    const pids = nodes.map((name) => cluster.pids[name]);
    await cluster.restore(snapshot);
    expect(nodes.map((name) => cluster.pids[name])).toEqual(pids);
    await startWeb(cluster, 'after-restore', { node: 'real-1' });
    await expectSteady();
    await eventually(() =>
      ask(cluster, `${ip}:8080`, '/').then(
        () => false,
        () => true,
      ),
    );
  });

  test('a node is added', async () => {
    const node = await cluster.addRealNode();
    expect(node.name).toBe('real-2');
    expect(await isReady('real-2')).toBe(true);
    await startWeb(cluster, 'on-added', { node: 'real-2' });
    const ip = await fieldOf(cluster, 'pod steady', '{.status.podIP}');
    const url = encodeURIComponent('http://on-added.default.svc.cluster.local/');
    // CoreDNS has just been replaced.
    await eventually(async () => (await ask(cluster, `${ip}:8080`, `/fetch?url=${url}`)).status === 200);
  });

  test('a lost node is gone with its processes, and its pods are replaced elsewhere', async () => {
    const tolerations = ['not-ready', 'unreachable'].map((taint) => ({
      key: `node.kubernetes.io/${taint}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 1,
    }));
    const labels = { app: 'moved' };
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'type', operator: 'NotIn', values: ['kwok'] }] }],
        },
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['real-0'] }] },
          },
        ],
      },
    };
    await create(cluster, {
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'moved' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: webPodSpec({ spec: { tolerations, affinity } }) },
      },
    });
    await kubectl(cluster, ['rollout', 'status', 'deployment/moved', '--timeout=120s']);
    const nodesOf = async () =>
      fieldOf(cluster, 'pods -l app=moved --field-selector=status.phase=Running', '{.items[*].spec.nodeName}');
    expect(await nodesOf()).toBe('real-0');
    await first.lose();
    expect(Object.keys(cluster.pids).filter((name) => name.startsWith('real-0'))).toEqual([]);
    await expect(first.kill('kubelet')).rejects.toThrow('is not running');
    await eventually(async () => !(await isReady('real-0')), {
      timeoutMs: 120_000,
      what: 'the lost node is not ready',
    });
    await eventually(async () => /real-[12]/.test(await nodesOf()), { timeoutMs: 150_000, what: 'the pod has moved' });
    // Services are still reached, by another node.
    const service = await fieldOf(cluster, 'service on-added', '{.spec.clusterIP}');
    // The way through the lost node may be tried first.
    expect((await eventually(() => ask(cluster, `${service}:80`, '/'))).pod).toBe('on-added');
  });
});
