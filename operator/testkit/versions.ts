/** The versions this test kit downloads or builds. Each is pinned by a go.sum in `go/` as well; change both together. */
export const versions = {
  kubernetes: '1.37.2',
  etcd: '3.6.13',
  kwok: '0.8.0',
  metricsServer: '0.9.0',
  containerd: '2.4.2',
  runc: '1.5.3',
  cniPlugins: '1.10.0',
  coreDns: '1.15.0',
  kubeNetworkPolicies: '0.8.0',
} as const;
