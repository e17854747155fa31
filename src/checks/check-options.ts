import type { Dispatcher } from 'undici';

/** How the operator makes the checks of releases. */
export interface CheckOptions {
  /** Prometheus server that is queried, such as `http://prometheus.monitoring:9090`. Left out: such checks fail. */
  prometheusUrl?: string;
  /** The namespace the operator runs in: network policies let its requests in from there. Left out: from nowhere. */
  namespace?: string;
  /**
   * Sends HTTP checks, which go to `<service>.<namespace>.svc`: for an operator that runs where those names are not
   * known. Default: connections as this machine makes them.
   */
  dispatcher?: Dispatcher;
}
