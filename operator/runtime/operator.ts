import { checkDelay } from '../async/check-delay.ts';
import { Dashboard } from '../dashboard/dashboard.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import type { Endpoint } from '../health/endpoint.ts';
import { healthEndpoint } from '../health/health-endpoint.ts';
import { type NamedQueue, stuckRunCheck } from '../health/stuck-run-check.ts';
import { type HistoryChange, ServerHistory } from '../informer/server-history.ts';
import { LeaderElector } from '../leader/leader-elector.ts';
import { createLogger, errorFields, type Logger } from '../log/logger.ts';
import { showElection } from '../metrics/leader-metrics.ts';
import { metricsEndpoint } from '../metrics/metrics-endpoint.ts';
import { OperatorMetrics } from '../metrics/operator-metrics.ts';
import { ApiClient } from '../transport/api-client.ts';
import { rejectSharedResources } from './check-controllers.ts';
import { checkKubeConfig } from './check-kube-config.ts';
import { checkTimes } from './check-times.ts';
import { ContractOperator } from './contract-operator.ts';
import { ControllerRunner } from './controller-runner.ts';
import { EndpointServers } from './endpoint-servers.ts';
import { EventContract } from './event-contract.ts';
import { InformerPool } from './informer-pool.ts';
import type { OperatorOptions } from './operator-options.ts';
import { proveCachesCurrent } from './prove-caches-current.ts';
import { WorkGate } from './work-gate.ts';

/**
 * How long running handlers keep a standby waiting, in milliseconds. What they write later is judged by version and term, and the
 * new leader begins anew with what they left.
 */
const HAND_OVER_MS = 1_000;

/**
 * An operator: the class of `@dot-i/k8s-operator` with its event model and contract, and other insides. What a
 * subclass knows from there (`init`, `watchResource`, `handleResourceFinalizer`, `patchResourceStatus`, …) works as
 * documented there, except that
 * - a watch never ends the process and never misses a deletion;
 * - events of different objects are handled side by side, those of one object one after the other, and a handler
 *   that throws is called again with a growing delay;
 * - errors of finalizer and status writes are thrown, not swallowed.
 *
 * Controllers given in the options are run by `init`; a subclass that overrides it calls `super.init()`.
 */
export class Operator extends ContractOperator {
  protected readonly client: ApiClient;
  protected readonly events: EventRecorder;
  /** What this operator counts; its `registry` takes metrics of your own. */
  readonly metrics: OperatorMetrics;
  readonly #options: OperatorOptions;
  readonly #name: string;
  readonly #log: Logger;
  readonly #informers: InformerPool;
  readonly #runners: ControllerRunner[];
  /** @internal */
  protected readonly contract: EventContract;
  readonly #stopping = new AbortController();
  readonly #elector: LeaderElector | undefined;
  /** The history of the API server, shared by all that is tied to its versions. */
  readonly #history = new ServerHistory();
  readonly #gate: WorkGate;
  readonly #servers: EndpointServers;
  readonly #dashboard: Dashboard | undefined;
  #dashboardPort: number | undefined;
  #started = false;

  constructor(options: OperatorOptions = {}) {
    const logger = options.logger ?? createLogger();
    super(logger);
    checkTimes(options);
    this.#options = options;
    this.#name = options.name ?? 'operator';
    this.#log = logger;
    if (options.kubeConfig) this.kubeConfig = options.kubeConfig;
    this.client = new ApiClient({
      kubeConfig: this.kubeConfig,
      userAgent: options.userAgent ? `${this.#name}/${options.userAgent}` : this.#name,
      maxConcurrentRequests: options.maxConcurrentRequests,
      requestTimeoutMs: options.requestTimeoutMs,
      onRequest: (observation) => {
        this.metrics.requests.ended(observation);
        options.tracer?.request(observation);
      },
      mayWrite: (path) =>
        !this.#elector ||
        this.#elector.mayWrite ||
        // They say what has happened, and the Lease is given up before the last of them have left.
        (this.#stopping.signal.aborted && isEventPath(path)),
      logger,
    });
    if (options.leaderElection) {
      const callbacks = {
        onStartedLeading: () => this.#gate.open(),
        onStoppedLeading: () => this.#gate.close('this operator no longer leads'),
      };
      const election = { ...options.leaderElection, history: this.#history };
      // The election's own writes must leave before anybody leads, and wait for nothing else.
      const lane = this.client.lane({ maxConcurrentRequests: 2, mayWrite: () => true });
      this.#elector = new LeaderElector(lane, election, callbacks, logger);
    }
    this.#gate = new WorkGate({
      prepare: (signal) => this.#proveCurrent(signal),
      begin: () => this.#run(),
      end: () => this.#pause(),
      logger,
    });
    this.events = new EventRecorder(this.client, this.#name, logger);
    this.#informers = new InformerPool(
      this.client,
      logger,
      options.namespace,
      options.informerTimings,
      (type, reconnection) => this.metrics.caches.reconnected(type, reconnection),
      this.#history,
    );
    this.#history.subscribe((change) => this.#historyReplaced(change));
    this.metrics = new OperatorMetrics({
      name: this.#name,
      version: options.userAgent ?? '',
      leading: () => this.leading,
      caches: () => [...this.#informers.all, ...this.contract.watches.map(({ informer }) => informer)],
    });
    if (this.#elector) showElection(this.metrics.registry, this.#elector);
    this.contract = new EventContract({
      client: this.client,
      fieldManager: this.#name,
      logger,
      metrics: this.metrics,
      history: this.#history,
      informerTimings: options.informerTimings,
      queue: options.queue,
      mayHandle: () => this.#started && this.#gate.isOpen,
      stopping: this.#stopping.signal,
    });
    this.#servers = this.#createServers();
    rejectSharedResources(options.controllers ?? []);
    this.#runners = (options.controllers ?? []).map(
      (controller) =>
        new ControllerRunner(controller, {
          client: this.client,
          informers: this.#informers,
          events: this.events,
          metrics: this.metrics,
          tracer: options.tracer,
          logger,
          fieldManager: this.#name,
          term: () => this.#elector?.term,
          leadingSignal: () => this.#elector?.leadingSignal,
          doubtLead: (reason) => this.#elector?.doubt(reason),
          queue: options.queue ?? {},
          resyncMs: options.resyncMs ?? 10 * 60_000,
        }),
    );
    if (options.dashboard) {
      this.#dashboard = new Dashboard(options.dashboard, {
        sources: this.#runners.flatMap((runner) => runner.views ?? []),
        onFailure: (key, error) => logger.error('Dashboard view failed', { key, ...errorFields(error) }),
        about: () => ({
          name: this.#name,
          version: options.userAgent ?? '',
          leading: this.leading,
          ready: this.ready,
        }),
      });
    }
  }

  /** The port of the health endpoints, once started. */
  get healthPort(): number | undefined {
    return this.#servers.portOf(this.#options.healthAddress);
  }

  /** The port of `/metrics`, once started. */
  get metricsPort(): number | undefined {
    return this.#servers.portOf(this.#options.metricsAddress);
  }

  /** The port of the dashboard, once started. */
  get dashboardPort(): number | undefined {
    return this.#dashboardPort;
  }

  /** Whether this operator works: it leads, or there is no election. */
  get leading(): boolean {
    return this.#elector ? this.#elector.mayWrite : true;
  }

  /** True when every cache is filled, so that events are handled, or could be at once if this operator were to lead. */
  get ready(): boolean {
    return this.#informers.hasSynced && this.contract.watches.every(({ informer }) => informer.hasSynced);
  }

  #whyNotReady(): string {
    const broken = this.#informers.broken.map(({ type, reason }) => `${type.plural}: ${reason}`);
    return broken.length > 0 ? broken.join('; ') : 'listing is in progress';
  }

  /** Starts watching and handling; resolves when every cache is filled. */
  override async start(): Promise<void> {
    checkKubeConfig(this.kubeConfig);
    await this.#servers.listen();
    this.#dashboardPort = await this.#dashboard?.listen();
    await this.init();
    this.#dashboard?.refresh();
    this.#started = true;
    if (this.#elector) this.#elector.start();
    else this.#gate.open();
  }

  /** Starts watching for the controllers of the options; they work as soon as this operator leads. */
  protected override async init(): Promise<void> {
    for (const runner of this.#runners) runner.start();
    await this.#informers.start(this.#stopping.signal);
    if (this.#runners.length > 0) this.#log.info('Caches filled');
  }

  /** The queues of all controllers and watches, by whose they are. */
  #queues(): NamedQueue[] {
    return [...this.#runners, ...this.contract.watches].map(({ name, queue }) => ({ name, queue }));
  }

  #createServers(): EndpointServers {
    const { healthAddress, metricsAddress, unhealthyAfterMs = 10 * 60_000 } = this.#options;
    const configured: { address: string; endpoints: Record<string, Endpoint> }[] = [];
    if (healthAddress) {
      const ready = () => (this.ready ? undefined : `the caches are not filled yet: ${this.#whyNotReady()}`);
      const alive = stuckRunCheck(() => this.#queues(), unhealthyAfterMs);
      const endpoints = { '/healthz': healthEndpoint(alive), '/readyz': healthEndpoint(ready) };
      configured.push({ address: healthAddress, endpoints });
    }
    if (metricsAddress) {
      this.metrics.collectProcess();
      const metrics = metricsEndpoint(this.metrics.registry, this.#log);
      configured.push({ address: metricsAddress, endpoints: { '/metrics': metrics } });
    }
    return new EndpointServers(configured);
  }

  /** @throws Error if the caches may be behind the server */
  async #proveCurrent(signal: AbortSignal): Promise<void> {
    await this.#informers.relisted(this.#history.epoch);
    // Without an election no other process has written since the caches were filled, and watches bring what others change.
    if (this.#elector) await proveCachesCurrent(this.#informers, this.contract.watches, signal, this.#log);
  }

  /** Nothing is decided by caches of a history that is over. */
  #historyReplaced({ epoch, by, reason }: HistoryChange): void {
    const active = this.#gate.active;
    this.#log.warn('API server history was replaced, relisting everything before further work', {
      epoch,
      by,
      reason,
    });
    this.#gate.close('the history of the API server was replaced');
    for (const runner of this.#runners) runner.outdate();
    if (active) this.#gate.open();
  }

  #run(): void {
    for (const runner of this.#runners) runner.run();
    for (const { queue } of this.contract.watches) queue.start();
    this.#log.info('Started handling events');
    this.#dashboard?.tellAbout();
  }

  #pause(): void {
    for (const runner of this.#runners) runner.pause();
    for (const { queue } of this.contract.watches) queue.pause();
    this.#dashboard?.tellAbout();
  }

  /**
   * Takes in no more events, lets running handlers end, gives up the Lease, then closes all connections.
   * @param deadlineMs how long handlers may take before their signal aborts, in milliseconds; with an election 1,000 at most
   * @throws RangeError if that is not a finite number from 0 on; then nothing is stopped
   */
  override async stop(deadlineMs = 10_000): Promise<void> {
    checkDelay(deadlineMs, `Operator ${this.#name}: the deadline of stop()`);
    this.#stopping.abort(new Error('the operator is stopping'));
    this.#gate.close('the operator is stopping');
    const drainMs = this.#elector ? Math.min(deadlineMs, HAND_OVER_MS) : deadlineMs;
    const queues = [
      ...this.#runners.map((runner) => runner.stop(drainMs)),
      ...this.contract.watches.map(({ queue }) => queue.drain(drainMs)),
    ];
    const clean = (await Promise.all(queues)).every(Boolean);
    if (!clean) this.#log.warn('Some handlers did not finish in time and were abandoned', { deadlineMs: drainMs });
    // From here on nothing but Events is written any more: another one may begin.
    await this.#elector?.stop();
    await this.events.flush();
    await Promise.all([this.#servers, this.#dashboard].map((server) => server?.close()));
    await Promise.all([this.#informers.stop(), ...this.contract.watches.map(({ informer }) => informer.stop())]);
    await this.client.close();
  }
}

function isEventPath(path: string): boolean {
  return path.startsWith('/apis/events.k8s.io/');
}
