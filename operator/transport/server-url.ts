import { isIPv6 } from 'node:net';
import type { KubeConfig } from '@kubernetes/client-node';

type Environment = Readonly<Record<string, string | undefined>>;

/** Client-node's name for the cluster of a pod's ServiceAccount. */
const IN_CLUSTER = 'inCluster';

/**
 * Returns the URL of the current cluster of a kubeconfig.
 *
 * @throws Error that names the invalid field of the kubeconfig, or in a pod the environment variable, and its value
 */
export function serverUrl(kubeConfig: KubeConfig, environment: Environment = process.env): URL {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) {
    throw new Error(
      `the kubeconfig has no current cluster (current context: "${kubeConfig.getCurrentContext()}"); set KUBECONFIG or current-context`,
    );
  }
  if (cluster.name === IN_CLUSTER && cluster.server === inClusterServer(environment)) checkInCluster(environment);
  const url = URL.canParse(cluster.server) ? new URL(cluster.server) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new Error(
      `cluster "${cluster.name}" of the kubeconfig has an invalid server "${cluster.server}"; use a URL such as https://host:6443`,
    );
  }
  return url;
}

/** Builds the URL as client-node's loadFromCluster() does. */
function inClusterServer(environment: Environment): string {
  const host = environment.KUBERNETES_SERVICE_HOST;
  const port = environment.KUBERNETES_SERVICE_PORT;
  const scheme = port === '80' || port === '8080' || port === '8001' ? 'http' : 'https';
  return `${scheme}://${host && isIPv6(host) ? `[${host}]` : host}:${port}`;
}

function checkInCluster(environment: Environment): void {
  const host = environment.KUBERNETES_SERVICE_HOST;
  const port = environment.KUBERNETES_SERVICE_PORT;
  const bare = host?.replace(/^\[(.*)\]$/, '$1') ?? '';
  const asUrl = `https://${isIPv6(bare) ? `[${bare}]` : bare}`;
  // Characters that a URL parser would take for a user, a path or a scheme are invalid in a host.
  if (!/^[^/\\@?#\s:]+$/.test(isIPv6(bare) ? 'v6' : bare) || !URL.canParse(asUrl))
    throw new Error(`${nameAndValue('KUBERNETES_SERVICE_HOST', host)}, not a host name or an IP address ${HINT}`);
  if (!/^\d{1,5}$/.test(port ?? '') || Number(port) < 1 || Number(port) > 65_535)
    throw new Error(`${nameAndValue('KUBERNETES_SERVICE_PORT', port)}, not a port number from 1 to 65535 ${HINT}`);
}

const HINT =
  'of the API server. The kubelet sets it in every pod: remove it from the env of the container, or set KUBECONFIG';

function nameAndValue(name: string, value: string | undefined): string {
  return `the environment variable ${name} is ${value === undefined ? 'not set' : `"${value}"`}`;
}
