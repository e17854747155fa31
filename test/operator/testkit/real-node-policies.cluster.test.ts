import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { ask, create, fieldOf, startWeb, webImage } from '../../support/real-node/web-pods.ts';

test('policies are enforced on real nodes only, which is said', async () => {
  await expect(startControlPlane({ networkPolicies: true })).rejects.toThrow('networkPolicies needs real nodes');
});

describeOnRealNode('NetworkPolicies on two real nodes', () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    await using image = await webImage();
    cluster = await startControlPlane({ realNodes: 2, images: [image.tar], networkPolicies: true });
    await Promise.all([
      startWeb(cluster, 'server', { node: 'real-0' }),
      startWeb(cluster, 'near', { node: 'real-0' }),
      startWeb(cluster, 'far', { node: 'real-1' }),
    ]);
  }, 900_000);
  afterAll(() => cluster?.stop());

  const ipOf = (pod: string) => fieldOf(cluster, `pod ${pod}`, '{.status.podIP}');
  /** Whether a pod gets an answer of the server, by its Service and by its address. */
  const reaches = async (from: string): Promise<boolean> => {
    const hosts = ['server.default.svc.cluster.local', `${await ipOf('server')}:8080`];
    const source = `${await ipOf(from)}:8080`;
    const answers = await Promise.all(
      hosts.map((host) => ask(cluster, source, `/fetch?url=${encodeURIComponent(`http://${host}/`)}`)),
    );
    const [byName, byAddress] = answers.map(({ status }) => status === 200);
    expect(byName, JSON.stringify(answers)).toBe(byAddress);
    return byName === true;
  };
  const untilReaches = (expected: Record<string, boolean>) =>
    eventually(async () => {
      const found = Object.fromEntries(
        await Promise.all(Object.keys(expected).map(async (from) => [from, await reaches(from)])),
      );
      expect(found).toEqual(expected);
      return true;
    });

  test('a policy admits only the pods it selects, on the same node and on another, until it is deleted', async () => {
    await untilReaches({ near: true, far: true });
    await create(cluster, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'server' },
      spec: {
        podSelector: { matchLabels: { app: 'server' } },
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: { matchLabels: { admitted: 'yes' } } }] }],
      },
    });
    await untilReaches({ near: false, far: false });
    await kubectl(cluster, ['label', 'pod', 'far', 'admitted=yes']);
    await untilReaches({ near: false, far: true });
    await kubectl(cluster, ['delete', 'networkpolicy', 'server']);
    await untilReaches({ near: true, far: true });
  }, 120_000);

  test('without the process that decides, pods get no new connections, and with it they do again', async () => {
    const [node] = cluster.realNodes;
    await node?.kill('kube-network-policies');
    // From the other node: the test's own connections to this one are dropped as well.
    await untilReaches({ far: false });
    await node?.start('kube-network-policies');
    await untilReaches({ near: true, far: true });
    expect(await node?.log('kube-network-policies')).toContain('"Finished syncing packet"');
  }, 120_000);
});
