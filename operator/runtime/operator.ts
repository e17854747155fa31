import { readFileSync } from 'node:fs';
import BaseOperator, {
  type ResourceEvent,
  ResourceEventType,
  type ResourceMeta,
  ResourceMetaImpl,
} from '@dot-i/k8s-operator';
import type { KubeConfig, V1CustomResourceDefinition } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { checkDelay } from '../async/check-delay.ts';
import { Dashboard, type DashboardOptions } from '../dashboard/dashboard.ts';
import { controllerOptionsOf } from '../decorators/controller.ts';
import type { Class } from '../decorators/dependent-resource.ts';
import { EventRecorder } from '../events/event-recorder.ts';
import type { Endpoint } from '../health/endpoint.ts';
import { healthEndpoint } from '../health/health-endpoint.ts';
import { HealthServer } from '../health/health-server.ts';
import { type NamedQueue, stuckRunCheck } from '../health/stuck-run-check.ts';
import { Informer, type Reconnection } from '../informer/informer.ts';
import type { InformerTimings } from '../informer/informer-timings.ts';
import { type HistoryChange, ServerHistory } from '../informer/server-history.ts';
import { keyOf, type StoredObject } from '../kubernetes-object.ts';
import type { LeaderElectionOptions } from '../leader/election-options.ts';
import { LeaderElector } from '../leader/leader-elector.ts';
import { createLogger, errorFields, type Logger } from '../log/logger.ts';
import { showElection } from '../metrics/leader-metrics.ts';
import { metricsEndpoint } from '../metrics/metrics-endpoint.ts';
import { OperatorMetrics } from '../metrics/operator-metrics.ts';
import { WorkQueue, type WorkQueueOptions } from '../queue/work-queue.ts';
import { CUSTOM_RESOURCE_DEFINITION } from '../resource/custom-resource-definition.ts';
import { apiVersionOf, type ResourceType, resourcePath } from '../resource/resource-type.ts';
import { customResourceOf } from '../schema/index.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { ApiClient } from '../transport/api-client.ts';
import { isAlreadyExists, isNotFound } from '../transport/api-error.ts';
import { checkKubeConfig } from './check-kube-config.ts';
import { checkTimes } from './check-times.ts';
import { ControllerRunner } from './controller-runner.ts';
import { InformerPool } from './informer-pool.ts';
import { resourceEvent } from './resource-event.ts';
import { WorkGate } from './work-gate.ts';

/** The package is CommonJS: depending on who loads it, its default export is the module or the class. */
const Base = ((BaseOperator as { default?: unknown }).default ?? BaseOperator) as typeof BaseOperator.default;

/** How long one attempt to prove the caches current may take, in milliseconds. */
const PROOF_DEADLINE_MS = 5_000;

/** How to build an Operator. Everything has a default. */
export interface OperatorOptions {
  /** Name of this operator: its field manager, the managed-by label of what it generates, its name in Events. */
  name?: string;
  /** Where the cluster is and who we are. Default: as kubectl finds it, or the pod's ServiceAccount. */
  kubeConfig?: KubeConfig;
  logger?: Logger;
  /** Controllers to run, their classes decorated with `@Controller`: the class, or an object of it. */
  controllers?: (Class | object)[];
  /** Watch this namespace only. Default: all. */
  namespace?: string;
  /** Added to the User-Agent, such as a version; the `version` of `operator_build_info`. */
  userAgent?: string;
  queue?: WorkQueueOptions;
  /** Of several operators with the same Lease one works, the others stand by. Left out: this one works alone. */
  leaderElection?: LeaderElectionOptions;
  /** Where `/healthz` and `/readyz` are answered, such as `:8081`. Left out: nowhere. */
  healthAddress?: string;
  /**
   * `/healthz` fails while a handler has not returned for so many milliseconds, so that the kubelet restarts the process.
   * Default 10 minutes.
   */
  unhealthyAfterMs?: number;
  /**
   * Where `/metrics` is answered, such as `:8080`; may be the same as `healthAddress`, then one server answers both.
   * Left out: nowhere, and nothing of the process is measured.
   */
  metricsAddress?: string;
  /** A page of what is in the caches, for people on the same machine. Left out: none. */
  dashboard?: DashboardOptions;
  /** Each resource is looked at again this often, in milliseconds; costs no request. Default 10 minutes. */
  resyncMs?: number;
  /** How many requests, watches aside, may be under way at once. Default 16. */
  maxConcurrentRequests?: number;
  /** Deadline of one request with all its retries, in milliseconds. Default 15,000. */
  requestTimeoutMs?: number;
  informerTimings?: Partial<InformerTimings>;
  /** Records each run as a trace, see `startTracing()`. Left out: nothing is recorded. */
  tracer?: Tracer;
}

/**
 * How long running handlers keep a standby waiting, in milliseconds. What they write later is judged by version and term, and the
 * new leader begins anew with what they left.
 */
const HAND_OVER_MS = 1_000;

interface Watch {
  /** Of what. */
  name: string;
  informer: Informer<StoredObject>;
  queue: WorkQueue;
}

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
export class Operator extends Base {
  protected readonly client: ApiClient;
  protected readonly events: EventRecorder;
  /** What this operator counts; its `registry` takes metrics of your own. */
  readonly metrics: OperatorMetrics;
  readonly #options: OperatorOptions;
  readonly #name: string;
  readonly #log: Logger;
  readonly #informers: InformerPool;
  readonly #runners: ControllerRunner[];
  readonly #types = new Map<string, ResourceType>();
  readonly #watches: Watch[] = [];
  readonly #stopping = new AbortController();
  readonly #elector: LeaderElector | undefined;
  /** The history of the API server, shared by all that is tied to its versions. */
  readonly #history = new ServerHistory();
  readonly #gate: WorkGate;
  /** By the address they listen on. */
  readonly #servers: ReadonlyMap<string, HealthServer>;
  readonly #ports = new Map<string, number>();
  readonly #dashboard: Dashboard | undefined;
  #dashboardPort: number | undefined;
  #started = false;

  constructor(options: OperatorOptions = {}) {
    const logger = options.logger ?? createLogger();
    super(plainLogger(logger));
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
      caches: () => [...this.#informers.all, ...this.#watches.map(({ informer }) => informer)],
    });
    if (this.#elector) showElection(this.metrics.registry, this.#elector);
    this.#servers = this.#createServers();
    refuseSharedResources(options.controllers ?? []);
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
    return this.#ports.get(this.#options.healthAddress ?? '');
  }

  /** The port of `/metrics`, once started. */
  get metricsPort(): number | undefined {
    return this.#ports.get(this.#options.metricsAddress ?? '');
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
    return this.#informers.hasSynced && this.#watches.every(({ informer }) => informer.hasSynced);
  }

  #whyNotReady(): string {
    const broken = this.#informers.broken.map(({ type, reason }) => `${type.plural}: ${reason}`);
    return broken.length > 0 ? broken.join('; ') : 'listing is in progress';
  }

  /** Starts watching and handling; resolves when every cache is filled. */
  override async start(): Promise<void> {
    checkKubeConfig(this.kubeConfig);
    for (const [address, server] of this.#servers) this.#ports.set(address, await server.listen(address));
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
    return [...this.#runners, ...this.#watches].map(({ name, queue }) => ({ name, queue }));
  }

  #createServers(): Map<string, HealthServer> {
    const { healthAddress, metricsAddress } = this.#options;
    const endpoints = new Map<string, Record<string, Endpoint>>();
    if (healthAddress) {
      const ready = () => (this.ready ? undefined : `the caches are not filled yet: ${this.#whyNotReady()}`);
      const alive = stuckRunCheck(() => this.#queues(), this.#options.unhealthyAfterMs ?? 10 * 60_000);
      endpoints.set(healthAddress, { '/healthz': healthEndpoint(alive), '/readyz': healthEndpoint(ready) });
    }
    if (metricsAddress) {
      this.metrics.collectProcess();
      const metrics = metricsEndpoint(this.metrics.registry, this.#log);
      endpoints.set(metricsAddress, { ...endpoints.get(metricsAddress), '/metrics': metrics });
    }
    return new Map([...endpoints].map(([address, answered]) => [address, new HealthServer(answered)]));
  }

  /** @throws Error if it cannot be told yet whether the caches show what the server has */
  async #proveCurrent(signal: AbortSignal): Promise<void> {
    await this.#informers.relisted(this.#history.epoch);
    // Alone, nobody else has written since the caches were filled; and what others change, the watches bring.
    if (!this.#elector) return;
    const [{ required, onDemand }, watched] = await Promise.all([
      this.#informers.proveCurrent(PROOF_DEADLINE_MS, signal),
      Promise.all(this.#watches.map(({ informer }) => informer.proveCurrent(PROOF_DEADLINE_MS, signal))),
    ]);
    const behind = [
      ...required,
      ...this.#watches.filter((_, index) => !watched[index]).map(({ informer }) => informer.type),
    ];
    if (behind.length > 0) {
      const kinds = behind.map(({ plural }) => plural).join(', ');
      throw new Error(
        `the caches of ${kinds} may be out of date: the API server did not answer, or a watch lags behind`,
      );
    }
    for (const { plural } of onDemand) {
      this.#log.warn('Could not verify that a cache of referenced objects is current, continuing without it', {
        plural,
      });
    }
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
    for (const { queue } of this.#watches) queue.start();
    this.#log.info('Started handling events');
    this.#dashboard?.tellAbout();
  }

  #pause(): void {
    for (const runner of this.#runners) runner.pause();
    for (const { queue } of this.#watches) queue.pause();
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
      ...this.#watches.map(({ queue }) => queue.drain(drainMs)),
    ];
    const clean = (await Promise.all(queues)).every(Boolean);
    if (!clean) this.#log.warn('Some handlers did not finish in time and were abandoned', { deadlineMs: drainMs });
    // From here on nothing but Events is written any more: another one may begin.
    await this.#elector?.stop();
    await this.events.flush();
    await Promise.all([...this.#servers.values(), this.#dashboard].map((server) => server?.close()));
    await Promise.all([this.#informers.stop(), ...this.#watches.map(({ informer }) => informer.stop())]);
    await this.client.close();
  }

  /** Installs a CRD from a YAML file unless it is there already. An older version is left as it is. */
  protected override async registerCustomResourceDefinition(crdFile: string) {
    const crd = parse(readFileSync(crdFile, 'utf8')) as V1CustomResourceDefinition;
    if (!crd?.apiVersion?.startsWith('apiextensions.k8s.io/')) {
      throw new Error(
        `${crdFile} is not a CustomResourceDefinition: its apiVersion is "${crd?.apiVersion}", not "apiextensions.k8s.io/v1"`,
      );
    }
    try {
      await this.client.create(CUSTOM_RESOURCE_DEFINITION, crd as never);
      this.#log.info('Registered CustomResourceDefinition', { name: crd.metadata?.name });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const { group, versions, names } = crd.spec;
    return { group, versions, plural: names.plural };
  }

  /**
   * Watches a resource and calls `onEvent` for every object there is (as added), and whatever happens later. Calls
   * for one object never overlap; intermediate states of an object that changes quickly may be left out.
   */
  protected override async watchResource(
    group: string,
    version: string,
    plural: string,
    onEvent: (event: ResourceEvent) => Promise<void>,
    namespace?: string,
  ): Promise<void> {
    const type: ResourceType = { group, version, plural, kind: '', namespaced: true };
    const id = `${plural}.${apiVersionOf(type)}`;
    this.#types.set(id, type);
    const informer = new Informer<StoredObject>({
      client: this.client,
      type,
      namespace,
      logger: this.#log,
      timings: this.#options.informerTimings,
      history: this.#history,
      onReconnect: (reconnection: Reconnection) => this.metrics.caches.reconnected(type, reconnection),
    } as never);
    const handled = new Map<string, StoredObject>();
    const gone = new Map<string, StoredObject>();
    const queue = new WorkQueue(
      async (key) => {
        const current = informer.get(...splitKey(key));
        const deleted = gone.get(key);
        if (deleted) {
          await onEvent(resourceEvent(type, ResourceEventType.Deleted, deleted));
          if (gone.get(key) === deleted) gone.delete(key);
          handled.delete(key);
        }
        if (!current) return undefined;
        const known = handled.get(key)?.metadata.uid === current.metadata.uid;
        await onEvent(resourceEvent(type, known ? ResourceEventType.Modified : ResourceEventType.Added, current));
        handled.set(key, current);
        return undefined;
      },
      {
        ...this.#options.queue,
        name: `watch of ${id}`,
        observer: this.metrics.controller(id),
        onFailure: (key, error) =>
          this.#log.error('Event handler failed, retrying', { resource: id, key, ...errorFields(error) }),
        onStuck: (key, ms) =>
          this.#log.error('Handler has not returned, the object is blocked until it does', {
            resource: id,
            key,
            runningMs: Math.round(ms),
          }),
      },
    );
    informer.subscribe(({ type: event, object }) => {
      if (event === 'DELETED') gone.set(keyOf(object), object);
      queue.add(keyOf(object));
    });
    this.#watches.push({ name: id, informer, queue });
    this.metrics.queues.show(id, queue);
    informer.start();
    if (this.#started && this.#gate.isOpen) queue.start();
    await informer.synced(this.#stopping.signal);
    this.#log.info('Watching resource', { resource: id });
  }

  /** Replaces the status subresource. @returns the new version, null if the object is gone. @throws ApiError */
  protected override async setResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const { apiVersion, kind, name, namespace, resourceVersion } = meta;
    const body = { apiVersion, kind, metadata: { name, namespace, resourceVersion }, status };
    const path = resourcePath(this.#typeOf(meta), namespace, name, 'status');
    return this.#unlessGone(meta, () => this.client.request({ method: 'PUT', path, body }));
  }

  /** Patches the status subresource (JSON merge patch). @returns the new version, null if the object is gone. @throws ApiError */
  protected override async patchResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    const { name, namespace, resourceVersion } = meta;
    const patch = { metadata: { resourceVersion }, status };
    return this.#unlessGone(meta, () =>
      this.client.mergePatch(this.#typeOf(meta), namespace, name, patch, {
        subresource: 'status',
        fieldManager: this.#name,
      }),
    );
  }

  /**
   * Adds the finalizer to a new object, or runs `deleteAction` for one being deleted and takes it off.
   * @returns true if there is nothing more to do for the event
   * @throws ApiError if the write fails, and whatever `deleteAction` throws; the event then comes again
   */
  protected override async handleResourceFinalizer(
    event: ResourceEvent,
    finalizer: string,
    deleteAction: (event: ResourceEvent) => Promise<void>,
  ): Promise<boolean> {
    const metadata = event.object.metadata;
    if (!metadata || event.type === ResourceEventType.Deleted) return false;
    const finalizers = metadata.finalizers ?? [];
    const ours = finalizers.includes(finalizer);
    if (!metadata.deletionTimestamp) {
      if (ours) return false;
      await this.setResourceFinalizers(event.meta, [...finalizers, finalizer]);
      return true;
    }
    if (ours) {
      await deleteAction(event);
      await this.setResourceFinalizers(
        event.meta,
        finalizers.filter((other) => other !== finalizer),
      );
    }
    return true;
  }

  /** Sets the finalizers of the very version of the object that `meta` names, so that nobody's are lost. @throws ApiError */
  protected override async setResourceFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    const { name, namespace, resourceVersion } = meta;
    const patch = { metadata: { resourceVersion, finalizers } };
    await this.#unlessGone(meta, () =>
      this.client.mergePatch(this.#typeOf(meta), namespace, name, patch, { fieldManager: this.#name }),
    );
  }

  #typeOf({ id, namespace }: ResourceMeta): ResourceType {
    const type = this.#types.get(id);
    if (!type) throw new Error(`${id} is not watched by this operator: call watchResource for it first`);
    // watchResource is not told the scope of the kind; an object shows it.
    return { ...type, namespaced: namespace !== undefined };
  }

  async #unlessGone(meta: ResourceMeta, write: () => Promise<unknown>): Promise<ResourceMeta | null> {
    try {
      return ResourceMetaImpl.createWithId(meta.id, (await write()) as never);
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }
}

/** @throws Error where two controllers reconcile one resource: each would overwrite the status of the other, for ever */
function refuseSharedResources(controllers: readonly (Class | object)[]): void {
  const known = new Map<string, string>();
  for (const controller of controllers) {
    const controllerClass =
      typeof controller === 'function' ? (controller as Class) : (controller.constructor as Class);
    const { group, plural } = customResourceOf(controllerOptionsOf(controllerClass).resource);
    const resource = `${plural}.${group}`;
    const other = known.get(resource);
    if (other !== undefined) {
      throw new Error(
        `${other} and ${controllerClass.name} both reconcile ${resource}: each would overwrite the status that the other ` +
          'writes. Merge them into one controller, or give one of them a resource of its own.',
      );
    }
    known.set(resource, controllerClass.name);
  }
}

function isEventPath(path: string): boolean {
  return path.startsWith('/apis/events.k8s.io/');
}

function splitKey(key: string): [namespace: string | undefined, name: string] {
  const slash = key.indexOf('/');
  return slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
}

/** The base class logs plain messages. */
function plainLogger(logger: Logger) {
  return {
    debug: (message: string) => void logger.debug(message),
    info: (message: string) => void logger.info(message),
    warn: (message: string) => void logger.warn(message),
    error: (message: string) => void logger.error(message),
  };
}
