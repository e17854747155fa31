import type { AdminApi } from './admin-api.ts';

const NAMESPACE = 'kube-system';
const SERVICE = 'metrics-server';

/**
 * Returns the annotation of a node with the path of its pods' metrics in KWOK. By default metrics-server uses the path that
 * kubelets serve, which does not name the node.
 */
export function metricsAnnotation(node: string): Record<string, string> {
  return { 'metrics.k8s.io/resource-metrics-path': `/metrics/nodes/${node}/metrics/resource` };
}

/**
 * Makes the API server serve metrics.k8s.io from metrics-server at a port of this machine or of the nodes' network. The Service has no pods
 * behind it but a name, which works as long as the API server is run without --enable-aggregator-routing.
 */
export async function registerMetricsServer(api: AdminApi, host: string, port: number): Promise<void> {
  await api.request('POST', `/api/v1/namespaces/${NAMESPACE}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: SERVICE, namespace: NAMESPACE },
    spec: { type: 'ExternalName', externalName: host, ports: [{ port }] },
  });
  await api.request('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { name: SERVICE, namespace: NAMESPACE, port },
    },
  });
}
