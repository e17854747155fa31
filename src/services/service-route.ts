/**
 * How requests reach Services: over the network of the cluster, through the service proxy of its API server, or not at all, as
 * those of simulated pods: at their addresses may be anything.
 */
export const SERVICE_ROUTES = ['network', 'api-server', 'none'] as const;
export type ServiceRoute = (typeof SERVICE_ROUTES)[number];

/** Names of the API server that only pods of its cluster resolve. */
const IN_CLUSTER_NAME = /^kubernetes(\.default(\.svc(\..+)?)?)?$/;

/**
 * Returns how this process reaches Services of the cluster that it is connected to. Only in a pod of that cluster do their names
 * resolve to them; in a pod of another cluster they might lead to Services of that one.
 *
 * @param serverUrl the API server, as in the kubeconfig
 */
export function serviceRoute(
  serverUrl: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ServiceRoute {
  const own = environment.KUBERNETES_SERVICE_HOST;
  if (!own || !URL.canParse(serverUrl)) return 'api-server';
  const host = bare(new URL(serverUrl).hostname);
  return host === bare(own.toLowerCase()) || IN_CLUSTER_NAME.test(host) ? 'network' : 'api-server';
}

/** A host without the brackets of an IPv6 address. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
