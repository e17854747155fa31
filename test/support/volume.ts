/** A storage class without provisioner, and one volume of it, ready to be bound. */
export function volume(storageClassName: string): object[] {
  return [
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClassName },
      provisioner: 'kubernetes.io/no-provisioner',
      volumeBindingMode: 'Immediate',
      allowVolumeExpansion: true,
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: storageClassName },
      spec: {
        storageClassName,
        capacity: { storage: '5Gi' },
        accessModes: ['ReadWriteOnce', 'ReadWriteMany'],
        hostPath: { path: '/nowhere' },
      },
    },
  ];
}
