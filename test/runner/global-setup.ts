import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type BinaryName, ensureBinaries, realNodesObstacle } from '../../operator/testkit/index.ts';
import { REAL_NODE_BINARIES } from '../../operator/testkit/node/node-binaries.ts';
import { packageRoot } from '../../src/package/package-root.ts';

const NEEDED: BinaryName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'metrics-server',
];

/**
 * Has the control plane at hand before the first test: on a machine's first run it is downloaded or built, which takes
 * minutes. And the bundled operator.
 */
export default async function setup(): Promise<void> {
  await promisify(execFile)('npm', ['run', 'bundle'], { cwd: packageRoot() });
  const forNodes: BinaryName[] = realNodesObstacle() ? [] : [...REAL_NODE_BINARIES, 'kube-network-policies'];
  await ensureBinaries([...NEEDED, ...forNodes], { onProgress: (progress) => console.log(progress.message) });
}
