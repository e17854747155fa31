import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiClient } from '../../../operator/index.ts';
import type { ControlPlane, RealNode } from '../../../operator/testkit/index.ts';
import { REAL_NODE_BINARIES } from '../../../operator/testkit/node/node-binaries.ts';
import { findKubectl } from '../../cluster/find-kubectl.ts';
import { LiveTable } from '../../live-table/live-table.ts';
import type { Lifetime } from '../../terminal/lifetime.ts';
import type { Screen } from '../../terminal/screen.ts';
import { duration } from '../../terminal/text.ts';
import { untilStopped } from '../../terminal/until-stopped.ts';
import { operatorImage } from '../../tools/image/operator-image.ts';
import { shopImages } from '../../tools/image/shop-images.ts';
import { binariesStep } from '../binaries-step.ts';
import { readyInTime } from '../ready-in-time.ts';
import { applySample, type Sample } from '../sample.ts';
import { startCluster } from '../start-cluster.ts';
import { runSteps, type Step } from '../steps.ts';
import { mustRunKubectl } from './must-run-kubectl.ts';
import { nodeVolume } from './node-volume.ts';
import { refuseWithoutRealNodes } from './obstacle.ts';
import { deployOperator } from './operator-deployment.ts';
import { realToTry } from './real-to-try.ts';
import { serviceAddress } from './service-address.ts';

const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;
const IMAGES = ['operator.tar', 'shop.tar'] as const;
const SAMPLE = join('examples', 'shop', 'restapi.yaml');

/**
 * Runs the operator and the shop as containers on a real node of a local Kubernetes until the lifetime ends or, with `once`, the
 * shop is ready.
 *
 * @throws Error when this machine cannot run a real node, with what is missing
 */
export async function runReal(
  { once, nodes }: { once: boolean; nodes: number },
  screen: Screen,
  lifetime: Lifetime,
): Promise<void> {
  refuseWithoutRealNodes();
  const { signal } = lifetime;
  const started = Date.now();
  let kubectl: string | undefined;
  let cluster!: ControlPlane;
  let client!: ApiClient;
  let table!: LiveTable;
  let sample!: Sample;
  let operator = '';
  // Last, so that the operator and the DNS of the cluster are on the first node: any other one may be lost.
  const moreNodes: Step = {
    title: nodes === 2 ? 'Add another node (usually 10 s)' : `Add ${nodes - 1} nodes (usually 10 s each)`,
    run: async (report) => {
      while (cluster.realNodes.length < nodes) {
        report(`starting real-${cluster.realNodes.length}`);
        await importImages(cluster, await cluster.addRealNode(), report);
      }
    },
  };
  const steps: Step[] = [
    binariesStep([...CONTROL_PLANE, ...REAL_NODE_BINARIES, 'kube-network-policies'], lifetime, (binaries) => {
      kubectl = binaries.get('kubectl');
    }),
    {
      title: 'Start Kubernetes with a real node (usually 10 s)',
      remedy:
        'Start again. If it fails again, make sure that this machine has 3 GB of free memory and 2 GB of free disk space.',
      run: async () => {
        ({ cluster, client } = await startCluster({ realNodes: 1, networkPolicies: true }, lifetime));
      },
    },
    {
      title: 'Build the images of the operator and the shop, and import them (usually 10 s)',
      run: async (report) => {
        const folder = imageFolder(cluster);
        await mkdir(folder);
        report('building restapi-operator');
        const { name } = await operatorImage(join(folder, 'operator.tar'));
        operator = name;
        report('building the versions of the shop');
        await shopImages(join(folder, 'shop.tar'));
        for (const node of cluster.realNodes) await importImages(cluster, node, report);
      },
    },
    {
      title: 'Install the operator (kustomize/overlays/dev)',
      run: async () => {
        const volume = { apiVersion: 'v1', kind: 'List', items: await nodeVolume(cluster) };
        await mustRunKubectl(cluster, ['apply', '-f', '-'], JSON.stringify(volume));
        await deployOperator(cluster, join(cluster.dir, 'overlay'), operator);
      },
    },
    ...(nodes === 1 ? [] : [moreNodes]),
    {
      title: `Apply the sample RestAPI (${SAMPLE})`,
      run: async () => {
        sample = await applySample(client, SAMPLE, signal);
        table = new LiveTable(client, {}, screen, lifetime);
        await table.watch();
      },
    },
    {
      title: 'Wait for the shop to become ready (usually 15 s)',
      run: () => readyInTime(table, sample, signal),
    },
  ];
  await runSteps(steps, screen, signal);
  if (once) {
    table.show();
    screen.keepFrame();
    screen.print(['', `The shop is ready after ${duration(Date.now() - started)}.`]);
    return;
  }

  const page = await cluster.forward(await serviceAddress(cluster, sample.name, sample.namespace));
  lifetime.onEnd('the forwarded port', () => page.close());
  const url = `http://localhost:${page.port}`;
  screen.print([
    '',
    ...realToTry({
      url,
      kubeconfig: cluster.kubeconfigPath,
      kubectl: findKubectl(kubectl),
      nodes: cluster.realNodes.slice(1),
    }),
    '',
    'Press Ctrl-C to stop and remove everything.',
    ...(screen.live ? [''] : []),
  ]);
  table.show();
  return untilStopped(signal);
}

function imageFolder(cluster: ControlPlane): string {
  return join(cluster.dir, 'images');
}

/** Imports the images of the operator and the shop on a node. */
async function importImages(cluster: ControlPlane, node: RealNode, report: (text: string) => void): Promise<void> {
  report(`importing the images on ${node.name}`);
  for (const tar of IMAGES) await node.importImage(join(imageFolder(cluster), tar));
}
