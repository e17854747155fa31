import { Agent } from 'undici';
import type { ReconcileContext } from '../../operator/index.ts';
import type { ComponentName, RestAPI } from '../../resources/index.ts';
import { parsePrometheusUrl } from '../prometheus/prometheus-url.ts';
import { queryRoute } from '../prometheus/query-prometheus.ts';
import { NamespaceTurns } from '../services/namespace-turns.ts';
import { type ServiceRoute, serviceRoute } from '../services/service-route.ts';
import { pastLoad } from './past-load.ts';
import type { LoadHistory } from './predictive/index.ts';

/** What is used of a context, and remains valid after its reconciliation. */
export type PastLoadContext = Pick<ReconcileContext<RestAPI>, 'primary' | 'client' | 'logger' | 'requeue'>;

/** Loads the past load of components from Prometheus, outside the work queue and in turns of their namespaces. */
export class PastLoads {
  readonly #prometheus: URL | undefined;
  readonly #route: ServiceRoute | undefined;
  readonly #dispatcher = new Agent({ pipelining: 0 });
  readonly #turns = new NamespaceTurns();
  /** By uid of the RestAPI: what ends its queries. */
  readonly #ends = new Map<string, AbortController>();

  /**
   * @param prometheusUrl nothing is loaded without it
   * @param route how a Prometheus in the cluster is reached. Default: as for checks
   * @throws Error if the URL is invalid
   */
  constructor(prometheusUrl?: string, route?: ServiceRoute) {
    this.#prometheus = prometheusUrl === undefined ? undefined : parsePrometheusUrl(prometheusUrl);
    this.#route = route;
  }

  /** Fills gaps of a history once, and requeues the RestAPI then. A failure is logged. */
  fill(context: PastLoadContext, component: ComponentName, history: LoadHistory): void {
    if (this.#prometheus) void this.#fill(this.#prometheus, context, component, history);
  }

  /** Ends the queries of a RestAPI, and those that wait for their turn. */
  forget(uid: string): void {
    this.#ends.get(uid)?.abort();
    this.#ends.delete(uid);
  }

  async #fill(server: URL, context: PastLoadContext, component: ComponentName, history: LoadHistory): Promise<void> {
    const { primary, client, logger, requeue } = context;
    const { uid, name, namespace = '' } = primary.metadata;
    const end = this.#ends.get(uid) ?? new AbortController();
    this.#ends.set(uid, end);
    const { signal } = end;
    const way = queryRoute(server, this.#route ?? serviceRoute(client.serverUrl), this.#dispatcher, client);
    try {
      const query = () => pastLoad(server, way, { namespace, name, component }, new Date(), signal);
      history.merge(await this.#turns.run(namespace, signal, query));
      requeue();
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn('Could not load history from Prometheus; learning from live metrics instead', { component, reason });
    }
  }
}
