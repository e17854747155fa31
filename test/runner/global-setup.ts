import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type BinaryName, ensureBinaries } from '../../operator/testkit/index.ts';
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
  await ensureBinaries(NEEDED, { onProgress: (progress) => console.log(progress.message) });
}
