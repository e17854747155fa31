import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../../../operator/testkit/index.ts';

/** The default StorageClass of a cluster with {@link nodeVolume}. */
const STORAGE_CLASS = 'local';

/**
 * Returns a PersistentVolume, a folder of the first real node, and the default StorageClass that a claim needs to bind to it.
 * Data stays until the cluster ends. The folder is made here.
 *
 * @param name of the volume; several may be made
 * @throws Error when the cluster has no real node
 */
export async function nodeVolume(cluster: ControlPlane, name = 'data-0'): Promise<object[]> {
  const [node] = cluster.realNodes;
  if (!node) throw new Error(`the volume ${name} needs a real node: start the cluster with realNodes > 0`);
  // A path that the node sees as this machine does.
  const path = join(cluster.dir, 'volumes', name);
  await mkdir(path, { recursive: true });
  // The kubelet changes the group only, and only where a pod has an fsGroup.
  await chmod(path, 0o777);
  const hostname = { key: 'kubernetes.io/hostname', operator: 'In', values: [node.name] };
  return [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: {
        name: STORAGE_CLASS,
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        storageClassName: STORAGE_CLASS,
        capacity: { storage: '10Gi' },
        accessModes: ['ReadWriteOnce', 'ReadWriteMany'],
        persistentVolumeReclaimPolicy: 'Retain',
        local: { path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
      },
    },
  ];
}
