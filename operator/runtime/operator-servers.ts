import { Dashboard } from '../dashboard/dashboard.ts';
import type { ViewSource } from '../dashboard/views.ts';
import { healthEndpoint } from '../health/health-endpoint.ts';
import { type NamedQueue, stuckRunCheck } from '../health/stuck-run-check.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import { metricsEndpoint } from '../metrics/metrics-endpoint.ts';
import type { OperatorMetrics } from '../metrics/operator-metrics.ts';
import { Protections } from '../serving/protection.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { EndpointServers, type Served } from './endpoint-servers.ts';
import type { OperatorOptions } from './operator-options.ts';

/** What the servers of an operator report. */
export interface ReportedState {
  client: ApiClient;
  metrics: OperatorMetrics;
  logger: Logger;
  /** Returns why the operator is not ready; undefined if it is. */
  unready: () => string | undefined;
  /** The queues of all controllers and watches, with their names. */
  queues: () => NamedQueue[];
  /** What the dashboard shows. */
  sources: readonly ViewSource[];
  /** The state of the operator, for the dashboard. */
  about: () => object;
}

/** Everything that an operator serves: health, metrics and the dashboard. */
export class OperatorServers {
  readonly #options: OperatorOptions;
  readonly #protections: Protections;
  readonly #endpoints: EndpointServers;
  readonly #dashboard: Dashboard | undefined;

  /** @throws Error if a protected endpoint has no address, or that of an open one */
  constructor(options: OperatorOptions, state: ReportedState) {
    this.#options = options;
    this.#protections = new Protections(state.client, state.logger);
    this.#endpoints = new EndpointServers(endpointsOf(options, state, this.#protections), state.logger);
    this.#dashboard = this.#createDashboard(state);
  }

  /** The port of the health endpoints, once it listens. */
  get healthPort(): number | undefined {
    return this.#endpoints.portOf(this.#options.healthAddress);
  }

  /** The port of `/metrics`, once it listens. */
  get metricsPort(): number | undefined {
    return this.#endpoints.portOf(this.#options.metricsAddress);
  }

  /** The port of the dashboard on the loopback interface, once it listens. */
  get dashboardPort(): number | undefined {
    return this.#dashboard?.localPort;
  }

  /** The port of the exposed dashboard, once it listens. */
  get exposedDashboardPort(): number | undefined {
    return this.#dashboard?.exposedPort;
  }

  /** Opens every port. @throws Error if an address is malformed or taken, or a certificate cannot be read */
  async listen(): Promise<void> {
    await this.#endpoints.listen();
    await this.#dashboard?.listen();
  }

  /** Shows the state of the operator to every viewer. */
  sendAbout(): void {
    this.#dashboard?.sendAbout();
  }

  /** Compares all resources again, as the caches have been filled. */
  refresh(): void {
    this.#dashboard?.refresh();
  }

  async close(): Promise<void> {
    this.#protections.stop();
    await Promise.all([this.#endpoints.close(), this.#dashboard?.close()]);
  }

  #createDashboard({ logger, sources, about }: ReportedState): Dashboard | undefined {
    const { dashboard } = this.#options;
    if (!dashboard) return undefined;
    const onFailure = (key: string, error: unknown) =>
      logger.error('Dashboard view failed', { key, ...errorFields(error) });
    // A browser cannot send a bearer token by itself.
    const protection = dashboard.exposed && this.#protections.create(dashboard.exposed, ['Basic', 'Bearer']);
    return new Dashboard(dashboard, { sources, onFailure, about }, { protection, logger });
  }
}

function endpointsOf(
  { healthAddress, metricsAddress, secureMetrics, unhealthyAfterMs = 10 * 60_000 }: OperatorOptions,
  { metrics, logger, unready, queues }: ReportedState,
  protections: Protections,
): Served[] {
  if (secureMetrics && !metricsAddress) throw new Error('secureMetrics needs a metricsAddress');
  const served: Served[] = [];
  if (healthAddress) {
    const alive = stuckRunCheck(queues, unhealthyAfterMs);
    const endpoints = { '/healthz': healthEndpoint(alive), '/readyz': healthEndpoint(unready) };
    served.push({ address: healthAddress, endpoints });
  }
  if (metricsAddress) {
    metrics.collectProcess();
    const endpoints = { '/metrics': metricsEndpoint(metrics.registry, logger) };
    served.push({
      address: metricsAddress,
      endpoints,
      protection: secureMetrics && protections.create(secureMetrics),
    });
  }
  return served;
}
