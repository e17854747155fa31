import { type BinaryName, ensureBinaries } from '../operator/testkit/index.ts';

const NEEDED: BinaryName[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
  'kwok',
  'metrics-server',
];

/** Has the control plane at hand before the first test: on a machine's first run it is downloaded or built, which takes minutes. */
export default async function setup(): Promise<void> {
  await ensureBinaries(NEEDED, { onProgress: (progress) => console.log(progress.message) });
}
