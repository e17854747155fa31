import type { Dispatcher } from 'undici';
import type { ServiceRoute } from '../services/service-route.ts';

/** Settings of release checks. */
export interface CheckOptions {
  /** Prometheus server that is queried, such as `http://prometheus.monitoring:9090`. Without it, such checks fail. */
  prometheusUrl?: string;
  /** The namespace of the operator, from which network policies admit its requests. Without it, they admit none. */
  namespace?: string;
  /**
   * Sends HTTP checks, which go to `<service>.<namespace>.svc`, over a network where those names do not resolve.
   * Default: direct connections.
   */
  dispatcher?: Dispatcher;
  /**
   * How checks reach Services, also that of Prometheus if its URL is `<service>.<namespace>.svc`. Default: over the network with a
   * `dispatcher` and in a pod of the cluster, else through the API server's service proxy.
   */
  route?: ServiceRoute;
  /**
   * How long checks wait until the nodes have followed a change of endpoints, in milliseconds. Default: 3000, as kube-proxy
   * follows up to 1 s later, and more on a loaded node.
   */
  delayMs?: number;
}
