/** The versions this test kit downloads or builds. Each is pinned by a go.sum in `go/` as well; change both together. */
export const versions = {
  kubernetes: '1.37.2',
  etcd: '3.6.13',
  kwok: '0.8.0',
  metricsServer: '0.9.0',
} as const;
