import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { reachable } from '../../support/real-node/reachability.ts';
import { create, fieldOf, startWeb, webImage } from '../../support/real-node/web-pods.ts';

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
  /** Whether a pod reaches the server, by its Service and by its address. */
  const reaches = async (from: string): Promise<boolean> => {
    const results = await reachable(
      cluster,
      { pod: from },
      { service: 'server.default.svc.cluster.local:80', pod: `${await ipOf('server')}:8080` },
    );
    if (results.service !== results.pod) throw new Error(`from ${from}: ${JSON.stringify(results)}`);
    return results.pod === 'yes';
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
  });

  test('without the process that decides, pods get no new connections, and with it they do again', async () => {
    const [node] = cluster.realNodes;
    await node?.kill('kube-network-policies');
    // By its address: names are not resolved now either.
    const server = `${await ipOf('server')}:8080`;
    for (const pod of ['near', 'far'])
      expect(await reachable(cluster, { pod }, { server }), pod).toEqual({ server: 'no' });
    await node?.start('kube-network-policies');
    await untilReaches({ near: true, far: true });
    expect(await node?.log('kube-network-policies')).toContain('"Finished syncing packet"');
  });
});
