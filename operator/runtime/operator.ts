import { checkDelay } from '../async/check-delay.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import type { NamedQueue } from '../health/stuck-run-check.ts';
import { type HistoryChange, ServerHistory } from '../informer/server-history.ts';
import { LeaderElector } from '../leader/leader-elector.ts';
import { createLogger, type Logger } from '../log/logger.ts';
import { registerElectionMetrics } from '../metrics/leader-metrics.ts';
import { OperatorMetrics } from '../metrics/operator-metrics.ts';
import { ApiClient } from '../transport/api-client.ts';
import { rejectSharedResources } from './check-controllers.ts';
import { checkKubeConfig } from './check-kube-config.ts';
import { checkTimes } from './check-times.ts';
import { ContractOperator } from './contract-operator.ts';
import { ControllerRunner } from './controller-runner.ts';
import { EventContract } from './event-contract.ts';
import { collectionName, InformerPool } from './informer-pool.ts';
import type { OperatorOptions } from './operator-options.ts';
import { OperatorServers } from './operator-servers.ts';
import { proveCachesCurrent } from './prove-caches-current.ts';
import { SecretHashes } from './secret-hashes.ts';
import { servedNamespaces } from './served-namespaces.ts';
import { WorkGate } from './work-gate.ts';

/**
 * How long running handlers delay a hand-over to a standby, in milliseconds. What they write later is checked by version and term,
 * and the new leader reconciles whatever they left.
 */
const HAND_OVER_MS = 1_000;

/**
 * Runs controllers against a cluster. It has the interface of the class of the same name in `@dot-i/k8s-operator`, with another
 * implementation. The methods that its subclasses call (`init`, `watchResource`, `handleResourceFinalizer`,
 * `patchResourceStatus`, …) work as documented there, except that
 * - a watch never ends the process and never misses a deletion;
 * - events of different objects are handled concurrently, events of one object one after the other, and a handler
 *   that throws is retried with a growing delay;
 * - errors of finalizer and status writes are thrown, not swallowed.
 *
 * `init` starts the controllers of the options; a subclass that overrides it calls `super.init()`.
 *
 * @example
 * ```ts
 * const operator = new Operator({ name: 'greeting-operator', controllers: [GreetingController] });
 * process.once('SIGTERM', () => void operator.stop());
 * await operator.start();
 * ```
 */
export class Operator extends ContractOperator {
  protected readonly client: ApiClient;
  protected readonly events: EventRecorder;
  /** The metrics of this operator. Register your own in its `registry`. */
  readonly metrics: OperatorMetrics;
  readonly #name: string;
  readonly #log: Logger;
  readonly #informers: InformerPool;
  readonly #runners: ControllerRunner[];
  /** @internal */
  protected readonly contract: EventContract;
  readonly #stopping = new AbortController();
  readonly #elector: LeaderElector | undefined;
  /** The history of the API server, shared by everything that compares resourceVersions. */
  readonly #history = new ServerHistory();
  readonly #gate: WorkGate;
  readonly #servers: OperatorServers;
  #started = false;

  constructor(options: OperatorOptions = {}) {
    const { logger = createLogger(), userAgent: version = '' } = options;
    super(logger);
    checkTimes(options);
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
        // Events report what has happened; the Lease is released before the last ones are sent.
        (this.#stopping.signal.aborted && isEventPath(path)),
      logger,
    });
    if (options.leaderElection) {
      const callbacks = {
        onStartedLeading: () => this.#gate.open(),
        onStoppedLeading: () => this.#gate.close('this operator no longer leads'),
      };
      const election = { ...options.leaderElection, history: this.#history };
      // Writes of the election itself are allowed before this process leads, and must not queue behind others.
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
    const { namespaces, informerTimings: timings } = options;
    this.#informers = new InformerPool(
      this.client,
      logger,
      servedNamespaces(this.#name, namespaces),
      timings,
      (...args) => this.metrics.caches.reconnected(...args),
      this.#history,
    );
    this.#history.subscribe((change) => this.#historyReplaced(change));
    this.metrics = new OperatorMetrics({
      name: this.#name,
      version,
      leading: () => this.leading,
      caches: () => [...this.#informers.all, ...this.contract.watches.map(({ informer }) => informer)],
    });
    if (this.#elector) registerElectionMetrics(this.metrics.registry, this.#elector);
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
    rejectSharedResources(options.controllers ?? []);
    const secretHashes = options.hashKey && new SecretHashes(this.client, options.hashKey, logger);
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
          secretHashes,
          doubtLead: (reason) => this.#elector?.doubt(reason),
          queue: options.queue ?? {},
          resyncMs: options.resyncMs ?? 10 * 60_000,
        }),
    );
    this.#servers = new OperatorServers(options, {
      client: this.client,
      metrics: this.metrics,
      logger,
      unready: () => (this.ready ? undefined : `the caches are not filled yet: ${this.#whyNotReady()}`),
      queues: () => this.#queues(),
      sources: this.#runners.flatMap((runner) => runner.views ?? []),
      about: () => ({ name: this.#name, version, leading: this.leading, ready: this.ready }),
    });
  }

  /** The port of the health endpoints, once started. */
  get healthPort(): number | undefined {
    return this.#servers.healthPort;
  }

  /** The port of `/metrics`, once started. */
  get metricsPort(): number | undefined {
    return this.#servers.metricsPort;
  }

  /** The port of the dashboard on the loopback interface, once started. */
  get dashboardPort(): number | undefined {
    return this.#servers.dashboardPort;
  }

  /** The port of the exposed dashboard, once started. */
  get exposedDashboardPort(): number | undefined {
    return this.#servers.exposedDashboardPort;
  }

  /** Whether this operator reconciles: it leads, or there is no election. */
  get leading(): boolean {
    return this.#elector ? this.#elector.mayWrite : true;
  }

  /** Whether every cache is filled, so that this operator handles events, or could do so as soon as it leads. */
  get ready(): boolean {
    return this.#informers.hasSynced && this.contract.watches.every(({ informer }) => informer.hasSynced);
  }

  #whyNotReady(): string {
    const broken = this.#informers.broken.map((watch) => `${collectionName(watch)}: ${watch.reason}`);
    return broken.length > 0 ? broken.join('; ') : 'listing is in progress';
  }

  /** Starts watching and reconciling; resolves when every cache is filled. @throws Error if there is no kubeconfig or a port is taken */
  override async start(): Promise<void> {
    checkKubeConfig(this.kubeConfig);
    await this.#servers.listen();
    await this.init();
    this.#servers.refresh();
    this.#started = true;
    if (this.#elector) this.#elector.start();
    else this.#gate.open();
  }

  /** Starts the watches of the controllers; they reconcile as soon as this operator leads. */
  protected override async init(): Promise<void> {
    for (const runner of this.#runners) runner.start();
    await this.#informers.start(this.#stopping.signal);
    if (this.#runners.length > 0) this.#log.info('Caches filled');
  }

  /** The queues of all controllers and watches, with their names. */
  #queues(): NamedQueue[] {
    return [...this.#runners, ...this.contract.watches].map(({ name, queue }) => ({ name, queue }));
  }

  /** @throws Error if the caches may be behind the server */
  async #proveCurrent(signal: AbortSignal): Promise<void> {
    await this.#informers.relisted(this.#history.epoch);
    // Without an election no other process has written since the caches were filled, and watches bring what others change.
    if (this.#elector) await proveCachesCurrent(this.#informers, this.contract.watches, signal, this.#log);
  }

  /** Stops all work until the caches hold the new history. */
  #historyReplaced({ epoch, by, reason }: HistoryChange): void {
    const active = this.#gate.active;
    const fields = { epoch, by, reason };
    this.#log.warn('API server history was replaced, relisting everything before further work', fields);
    this.#gate.close('the history of the API server was replaced');
    for (const runner of this.#runners) runner.outdate();
    if (active) this.#gate.open();
  }

  #run(): void {
    for (const runner of this.#runners) runner.run();
    for (const { queue } of this.contract.watches) queue.start();
    this.#log.info('Started handling events');
    this.#servers.sendAbout();
  }

  #pause(): void {
    for (const runner of this.#runners) runner.pause();
    for (const { queue } of this.contract.watches) queue.pause();
    this.#servers.sendAbout();
  }

  /**
   * Stops accepting events, waits for running handlers, releases the Lease, then closes all connections.
   * @param deadlineMs how long handlers may take before their signal aborts, in milliseconds; with an election at most 1,000
   * @throws RangeError if it is not a finite number of at least 0; then nothing is stopped
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
    // From here on only Events are written: another operator may lead.
    await this.#elector?.stop();
    await this.events.flush();
    await this.#servers.close();
    await Promise.all([this.#informers.stop(), ...this.contract.watches.map(({ informer }) => informer.stop())]);
    await this.client.close();
  }
}

function isEventPath(path: string): boolean {
  return path.startsWith('/apis/events.k8s.io/');
}
