import { afterAll, beforeAll, test } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../../operator/testkit/index.ts';
import { eventually } from '../../support/eventually.ts';
import { kubectl } from '../../support/kubectl.ts';
import { describeOnRealNode } from '../../support/real-node/describe-on-real-node.ts';
import { create, fieldOf, webImage, webPodSpec } from '../../support/real-node/web-pods.ts';

describeOnRealNode('metrics of a real node', () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    await using image = await webImage();
    cluster = await startControlPlane({ realNodes: 1, metrics: true, images: [image.tar] });
    const labels = { app: 'busy' };
    const container = { resources: { requests: { cpu: '50m' }, limits: { cpu: '200m' } } };
    await create(cluster, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'busy' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: webPodSpec({ container }) },
      },
    });
    await kubectl(cluster, ['rollout', 'status', 'deployment/busy', '--timeout=120s']);
  }, 900_000);
  afterAll(() => cluster?.stop());

  test('kubectl top shows what containers use, and an autoscaler follows it', async () => {
    const top = () => kubectl(cluster, ['top', 'pods', '-l=app=busy', '--no-headers']);
    await eventually(top, { what: 'kubectl top' });
    const topOfNode = async () => /^real-0 +\d+m/.test(await kubectl(cluster, ['top', 'nodes', '--no-headers']));
    await eventually(topOfNode, { what: 'kubectl top of the node' });

    await kubectl(cluster, ['autoscale', 'deployment', 'busy', '--min=1', '--max=3', '--cpu-percent=50']);
    const ip = await fieldOf(cluster, 'pods -l app=busy', '{.items[0].status.podIP}');
    await using port = await cluster.forward(`${ip}:8080`);
    let isDone = false;
    const burn = (async () => {
      while (!isDone) await fetch(`http://127.0.0.1:${port.port}/burn?ms=200`).then((answer) => answer.text());
    })();
    const replicas = async () => Number(await fieldOf(cluster, 'deployment busy', '{.spec.replicas}'));
    await eventually(async () => (await replicas()) > 1, { timeoutMs: 180_000, what: 'scaling up' }).finally(() => {
      isDone = true;
    });
    await burn;
  });
});
