import { type LongTimer, setLongInterval } from '../async/long-timeout.ts';
import type { ViewSource } from '../dashboard/views.ts';
import { type ControllerOptions, controllerOptionsOf } from '../decorators/controller.ts';
import type { Class } from '../decorators/dependent-resource.ts';
import type { InformerEvent } from '../informer/informer-event.ts';
import type { KindCache } from '../informer/kind-cache.ts';
import { keyOf, ownerOf, type StoredObject } from '../kubernetes-object.ts';
import { isFencedOff } from '../leader/fenced-off.ts';
import { type Outcome, WorkQueue } from '../queue/work-queue.ts';
import { Contention } from '../reconcile/contention.ts';
import { MANAGED_BY } from '../reconcile/desired-object.ts';
import { bindDependents, ownershipOf } from '../reconcile/generated.ts';
import { levels } from '../reconcile/levels.ts';
import { PendingWrites } from '../reconcile/pending-writes.ts';
import type { ActiveDependent } from '../reconcile/workflow.ts';
import { apiVersionOf, type ResourceType } from '../resource/resource-type.ts';
import { customResourceOf } from '../schema/index.ts';
import { ConvergedRuns } from './converged-runs.ts';
import { FailureReports } from './failure-reports.ts';
import { Observations } from './observations.ts';
import { Reconciler } from './reconciler.ts';
import { References } from './references.ts';
import type { RunnerServices } from './runner-services.ts';
import { viewSource } from './view-source.ts';

/** Delay before a resource whose write was fenced off is reconciled again, in milliseconds. */
const FENCED_RETRY_MS = 500;

/**
 * Runs one controller class: watches its resource, the generated objects and the kinds of `watches`, and queues the primary of
 * every change. The Reconciler does the rest.
 */
export class ControllerRunner {
  /** Name of the controller class. */
  readonly name: string;
  readonly #options: ControllerOptions;
  readonly #type: ResourceType;
  readonly #primaries: KindCache;
  /** The caches of everything generated. */
  readonly #generated: readonly KindCache[];
  readonly #queue: WorkQueue;
  readonly #observations: Observations;
  readonly #converged = new ConvergedRuns();
  readonly #reconciler: Reconciler;
  readonly #resyncMs: number;
  readonly #leadingSignal: () => AbortSignal | undefined;
  readonly #doubtLead: (reason: string) => void;
  #resync: LongTimer | undefined;
  /** Aborts when the caches turn out to be of a history that is over. */
  #outdated = new AbortController();
  /** Called with the key of every resource that may look different now. */
  #onChange: (key: string) => void = () => {};

  /** @param controller a controller class, or an object of one */
  constructor(controller: Class | object, services: RunnerServices) {
    const [controllerClass, instance] =
      typeof controller === 'function'
        ? [controller as Class, new (controller as Class)()]
        : [controller.constructor as Class, controller];
    const { client, informers, events, metrics, tracer, logger, fieldManager } = services;
    this.#resyncMs = services.resyncMs;
    this.#doubtLead = services.doubtLead ?? (() => {});
    this.#leadingSignal = services.leadingSignal ?? (() => undefined);
    this.name = controllerClass.name;
    this.#options = controllerOptionsOf(controllerClass);
    const { resource } = this.#options;
    this.#type = customResourceOf(resource);
    this.#primaries = informers.of(this.#type);
    const dependents = bindDependents(resource).map((dependent): ActiveDependent => {
      const selector = `${MANAGED_BY}=${fieldManager}`;
      return { ...dependent, cache: informers.of(dependent.type, selector, dependent.ifKindMissing !== undefined) };
    });
    this.#generated = [...new Set(dependents.map(({ cache }) => cache))];
    this.#observations = new Observations(this.#options.watches ?? [], this.#type.namespaced, informers, (key) => {
      this.#queue.add(key);
      this.#onChange(key);
    });
    this.#reconciler = new Reconciler({
      client,
      tracer,
      events,
      metrics: metrics.reconciles,
      logger,
      fieldManager,
      controllerClass,
      controller: instance,
      options: this.#options,
      type: this.#type,
      ownership: ownershipOf(resource, fieldManager),
      levels: levels(dependents),
      primaries: this.#primaries,
      indexes: new Map(
        Object.entries(this.#options.indexes ?? {}).map(([name, indexBy]) => [
          name,
          this.#primaries.index(indexBy as (primary: StoredObject) => string | undefined),
        ]),
      ),
      observations: this.#observations,
      references: new References(client, informers, (key) => this.#queue.add(key), services.secretHashes),
      ownWrites: new PendingWrites(),
      contention: new Contention(),
      term: services.term ?? (() => undefined),
      converged: this.#converged,
      related: (key, primary) => this.#related(key, primary),
      rerun: (key) => {
        this.#converged.rerun(key);
        // A run that always requeues itself must not keep other keys from running.
        setImmediate(() => this.#queue.add(key));
      },
    });
    const reports = new FailureReports({
      controller: this.name,
      kind: this.#type.kind,
      events,
      logger,
      onError: (...run) => this.#reconciler.failed(...run),
    });
    this.#queue = new WorkQueue((key, signal) => this.#process(key, signal), {
      ...services.queue,
      name: controllerClass.name,
      observer: metrics.controller(controllerClass.name),
      onFailure: (key, error, failures, delayMs, retryAfterMs) =>
        reports.failed(key, this.#cached(key), error, { failures, delayMs, retryAfterMs }),
      onStuck: (key, ms) => reports.stuck(key, ms),
    });
    metrics.queues.show(controllerClass.name, this.#queue);
    this.#options.metrics?.(metrics.registry, () => this.#primaries.list());
  }

  /** The queue, for metrics and tests. */
  get queue(): WorkQueue {
    return this.#queue;
  }

  /** The dashboard views of the resource; undefined if the controller has none. */
  get views(): ViewSource | undefined {
    const { views } = this.#options;
    return (
      views &&
      viewSource(views, {
        plural: this.#type.plural,
        keys: () => this.#primaries.list().map(keyOf),
        cached: (key) => this.#cached(key),
        related: (key, primary) => this.#related(key, primary),
        subscribe: (listener) => {
          this.#onChange = listener;
        },
      })
    );
  }

  /** Begins to watch; handlers run once every cache is filled. */
  start(): void {
    this.#primaries.subscribe((event) => this.#primaryEvent(event));
    this.#observations.start();
    for (const cache of this.#generated) {
      cache.subscribe((event) => this.#dependentEvent(event));
      cache.onServed(() => {
        // A resource may have converged without the optional kind. This happens once in a cluster's life.
        this.#converged.clear();
        this.#addAll();
      });
      // Retry at once what failed in between.
      cache.onUnserved(() => this.#addAll());
    }
  }

  /** Begins to process. Call it when every cache is filled. */
  run(): void {
    this.#queue.start();
    this.#resync = setLongInterval(() => this.#addAll(), this.#resyncMs);
  }

  /** Stops handling events until run(); they stay queued. */
  pause(): void {
    this.#resync?.clear();
    this.#queue.pause();
  }

  /** Stops accepting events and waits for running handlers. @returns false if the deadline (ms) passed first */
  async stop(deadlineMs: number): Promise<boolean> {
    this.#resync?.clear();
    return this.#queue.drain(deadlineMs);
  }

  /** The caches will hold another history: aborts runs of the previous one and queues everything again. */
  outdate(): void {
    this.#outdated.abort(new Error('the history of the API server was replaced'));
    this.#outdated = new AbortController();
    this.#converged.clear();
    this.#addAll();
  }

  #addAll(): void {
    for (const primary of this.#primaries.list()) this.#queue.add(keyOf(primary), 'resync');
  }

  #primaryEvent({ object, initial }: InformerEvent<StoredObject>): void {
    // Objects that existed before this process go behind new events.
    this.#queue.add(keyOf(object), initial ? 'resync' : 'event');
    this.#onChange(keyOf(object));
  }

  #dependentEvent({ object, previous, initial }: InformerEvent<StoredObject>): void {
    if (initial) return;
    // The previous owner counts too: another client may have removed the reference.
    for (const key of new Set([this.#ownerKey(object), previous && this.#ownerKey(previous)])) {
      if (!key) continue;
      this.#queue.add(key);
      this.#onChange(key);
    }
  }

  #ownerKey(object: StoredObject): string | undefined {
    const owner = ownerOf(object);
    if (owner?.kind !== this.#type.kind || owner.apiVersion !== apiVersionOf(this.#type)) return undefined;
    return this.#type.namespaced ? `${object.metadata.namespace}/${owner.name}` : owner.name;
  }

  async #process(key: string, signal: AbortSignal): Promise<Outcome | undefined> {
    // Both signals belong to the moment the run begins: later ones concern other runs.
    const over = AbortSignal.any([this.#outdated.signal, this.#leadingSignal() ?? []].flat());
    try {
      const outcome = await this.#reconciler.process(key, () => this.#cached(key), AbortSignal.any([signal, over]));
      if (!this.#cached(key)) this.#queue.forget(key);
      return outcome;
    } catch (error) {
      // No failure: the key comes again when this process leads and its caches are current.
      if (over.aborted) return { requeueAfterMs: 0 };
      if (!isFencedOff(error)) throw error;
      this.#doubtLead(error.message);
      return { requeueAfterMs: FENCED_RETRY_MS };
    }
  }

  /** All cached objects that are generated for a primary or watched for it. */
  #related(key: string, { metadata: { uid } }: StoredObject): StoredObject[] {
    return [...this.#generated.flatMap((cache) => cache.ownedBy(uid)), ...this.#observations.all(key)];
  }

  #cached(key: string): StoredObject | undefined {
    const slash = key.indexOf('/');
    const namespace = slash < 0 ? undefined : key.slice(0, slash);
    return this.#primaries.get(namespace, key.slice(slash + 1));
  }
}
