import { randomUUID } from 'node:crypto';
import { type ResourceEvent, ResourceEventType } from '@dot-i/k8s-operator';
import type { ViewSource } from '../dashboard/views.ts';
import {
  type ControllerOptions,
  controllerOptionsOf,
  type HandlerEvent,
  handlerOf,
  type ResolvedReference,
} from '../decorators/controller.ts';
import type { Class } from '../decorators/dependent-resource.ts';
import type { EventInput, EventRecorder } from '../events/event-recorder.ts';
import type { Informer } from '../informer/informer.ts';
import type { InformerEvent } from '../informer/informer-event.ts';
import { isOrphaning, type KubernetesObject, keyOf, ownerOf, type StoredObject } from '../kubernetes-object.ts';
import { errorFields, type Logger } from '../log/logger.ts';
import type { OperatorMetrics } from '../metrics/operator-metrics.ts';
import { type Outcome, WorkQueue, type WorkQueueOptions } from '../queue/work-queue.ts';
import { runCleanup } from '../reconcile/cleanup.ts';
import { Contention } from '../reconcile/contention.ts';
import { hashOf, MANAGED_BY, type Ownership } from '../reconcile/desired-object.ts';
import { describingDependents, ownershipOf } from '../reconcile/generated.ts';
import { levels } from '../reconcile/levels.ts';
import { mergePatch } from '../reconcile/merge-patch.ts';
import { OwnWrites } from '../reconcile/own-writes.ts';
import { type ActiveDependent, runWorkflow, type WorkflowContext } from '../reconcile/workflow.ts';
import type { WorkflowResult } from '../reconcile/workflow-result.ts';
import type { Fight } from '../reconcile/write-brake.ts';
import { apiVersionOf, type ResourceType, regularType } from '../resource/resource-type.ts';
import { customResourceOf, type FieldError, validateResource } from '../schema/index.ts';
import { type SpanAttributes, type Tracer, traced } from '../tracing/tracer.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isConflict, isNotFound } from '../transport/api-error.ts';
import type { InformerPool } from './informer-pool.ts';
import { Observations } from './observations.ts';
import type { ReconcileContext, Reconciled } from './reconcile-context.ts';
import { References } from './references.ts';
import { resourceEvent } from './resource-event.ts';

/** Longest wait for the caches to show what we wrote, in milliseconds. Streams that stall are found within 65 s. */
const OWN_WRITES_DEADLINE_MS = 70_000;

/**
 * How often a name that was taken is tried again, in milliseconds: objects of others are not watched, so nothing tells
 * when it is free.
 */
const CONFLICT_RETRY_MS = 10_000;

/** When a resource that changed in mid-run is looked at again if no event comes first, in milliseconds. */
const CHANGED_RETRY_MS = 500;

/**
 * When a resource whose cached version is older than what was generated for it is looked at again if no event comes
 * first, in milliseconds.
 */
const STALE_RETRY_MS = 1_000;

/** Names the status of a resource among what others may change back. */
const STATUS = 'status';

/** What a controller needs from the operator it runs in. */
export interface RunnerServices {
  client: ApiClient;
  informers: InformerPool;
  events: EventRecorder;
  metrics: OperatorMetrics;
  /** Left out: nothing is traced. */
  tracer?: Tracer;
  logger: Logger;
  /** Field manager and managed-by label of everything generated. */
  fieldManager: string;
  queue: WorkQueueOptions;
  /** Every resource is looked at again this often, in milliseconds. */
  resyncMs: number;
  /** The leadership term, asked at every write. Left out, or undefined: there is no election. */
  term?: () => number | undefined;
}

type Handler = (event: ResourceEvent, context: ReconcileContext) => Promise<Reconciled | undefined>;

/** What a complete run left behind. */
interface Settled {
  /** Of all versions that the run left or saw. */
  fingerprint: string;
  /** Until when nothing changes by time alone, as performance.now() tells it. */
  until: number;
}

/**
 * Runs one controller class: watches its resource and everything generated for it, queues what changed, and calls
 * the handlers. Everything a handler run needs comes from the caches; nothing is kept from run to run but what was
 * written and not seen yet.
 */
export class ControllerRunner {
  readonly #services: RunnerServices;
  readonly #options: ControllerOptions;
  readonly #controllerClass: Class;
  readonly #controller: Record<string, Handler>;
  readonly #type: ResourceType;
  readonly #primaries: Informer<StoredObject>;
  readonly #levels: readonly ActiveDependent[][];
  /** The caches of everything generated. */
  readonly #generated: readonly Informer<StoredObject>[];
  readonly #ownership: Ownership;
  readonly #queue: WorkQueue;
  readonly #references: References;
  readonly #observations: Observations;
  readonly #ownWrites = new OwnWrites();
  /** Uids handled since this process started: what tells added from modified. */
  readonly #seen = new Map<string, string>();
  /** What each key's last complete run left behind: while the caches show just that, there is nothing to decide. */
  readonly #settled = new Map<string, Settled>();
  /** Keys that are to be looked at again whatever the caches show. */
  readonly #doubted = new Set<string>();
  /** What others do to what is generated. */
  readonly #contention = new Contention();
  #resync: NodeJS.Timeout | undefined;
  /** Told of each resource that may look different now. */
  #onChange: (key: string) => void = () => {};

  /** @param controller a controller class, or an object of one */
  constructor(controller: Class | object, services: RunnerServices) {
    const [controllerClass, instance] =
      typeof controller === 'function'
        ? [controller as Class, new (controller as Class)()]
        : [controller.constructor as Class, controller];
    this.#services = services;
    this.#controllerClass = controllerClass;
    this.#options = controllerOptionsOf(controllerClass);
    this.#controller = instance as Record<string, Handler>;
    const { resource } = this.#options;
    this.#type = customResourceOf(resource);
    this.#ownership = ownershipOf(resource, services.fieldManager);
    this.#primaries = services.informers.of(this.#type);
    const dependents = describingDependents(resource).map((dependent): ActiveDependent => {
      const informer = services.informers.of(
        dependent.type,
        `${MANAGED_BY}=${services.fieldManager}`,
        Boolean(dependent.optional),
      );
      return { ...dependent, informer };
    });
    this.#levels = levels(dependents);
    this.#generated = [...new Set(dependents.map(({ informer }) => informer))];
    this.#references = new References(services.client, services.informers, (key) => this.#queue.add(key));
    this.#observations = new Observations(this.#options.observes ?? [], services.informers, (key) => {
      this.#queue.add(key);
      this.#onChange(key);
    });
    this.#queue = new WorkQueue((key, signal) => this.#process(key, signal), {
      ...services.queue,
      observer: services.metrics.controller(controllerClass.name),
      onFailure: (key, error, failures, delayMs) =>
        services.logger.warn('reconcile failed, will be tried again', {
          kind: this.#type.kind,
          key,
          failures,
          retryInMs: Math.round(delayMs),
          ...errorFields(error),
        }),
    });
    services.metrics.queues.show(controllerClass.name, this.#queue);
    this.#options.metrics?.(services.metrics.registry, () => this.#primaries.list());
  }

  /** The queue, for metrics and tests. */
  get queue(): WorkQueue {
    return this.#queue;
  }

  /** What a page may show of the resource and how it learns of changes, if the controller says so. */
  get views(): ViewSource | undefined {
    const { views } = this.#options;
    if (!views) return undefined;
    const related = (key: string, { metadata: { uid } }: StoredObject) => [
      ...this.#generated.flatMap((informer) => informer.ownedBy(uid)),
      ...this.#observations.all(key),
    ];
    return {
      plural: this.#type.plural,
      keys: () => this.#primaries.list().map(keyOf),
      row: (key) => {
        const primary = this.#cached(key);
        return primary && views.row(primary);
      },
      full: (key) => {
        const primary = this.#cached(key);
        return primary && views.full(primary, related(key, primary));
      },
      subscribe: (listener) => {
        this.#onChange = listener;
      },
    };
  }

  /** Begins to watch; handlers run once every cache is filled. */
  start(): void {
    this.#primaries.subscribe((event) => this.#primaryEvent(event));
    this.#observations.start();
    for (const informer of this.#generated) {
      informer.subscribe((event) => this.#dependentEvent(event));
      informer.onServed(() => {
        // Who does not miss the kind may be settled without it. It comes once in a cluster's life.
        this.#settled.clear();
        this.#addAll();
      });
      // What failed in between need not wait to be tried again.
      informer.onUnserved(() => this.#addAll());
    }
  }

  /** Begins to process. Call it when every cache is filled. */
  run(): void {
    this.#queue.start();
    this.#resync = setInterval(() => this.#addAll(), this.#services.resyncMs);
  }

  /** Handles no more events until run(); they wait. */
  pause(): void {
    clearInterval(this.#resync);
    this.#queue.pause();
  }

  /** Takes in nothing more and waits for running handlers. @returns false if the deadline (ms) came first */
  async stop(deadlineMs: number): Promise<boolean> {
    clearInterval(this.#resync);
    return this.#queue.drain(deadlineMs);
  }

  #addAll(): void {
    this.#contention.brake.sweep();
    for (const primary of this.#primaries.list()) this.#queue.add(keyOf(primary), 'resync');
  }

  #primaryEvent({ object, initial }: InformerEvent<StoredObject>): void {
    // What was there before we came goes behind what happens now.
    this.#queue.add(keyOf(object), initial ? 'resync' : 'event');
    this.#onChange(keyOf(object));
  }

  #dependentEvent({ object, previous, initial }: InformerEvent<StoredObject>): void {
    if (initial) return;
    // The owner before counts too: somebody may have taken the reference off.
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
    const startedAt = performance.now();
    if (!(await this.#ownWrites.seen(key, OWN_WRITES_DEADLINE_MS))) {
      throw new Error(
        `${this.#type.kind} ${key}: its cache did not show the operator's own last write within ${OWN_WRITES_DEADLINE_MS} ms`,
      );
    }
    const primary = this.#cached(key);
    if (!primary) {
      this.#ownWrites.forget(key);
      this.#contention.forget(this.#seen.get(key) ?? '');
      this.#seen.delete(key);
      this.#settled.delete(key);
      this.#doubted.delete(key);
      this.#references.forget(key);
      this.#queue.forget(key);
      return { unchanged: true };
    }
    // Most events are the echo of our own writes.
    const settled = this.#settled.get(key);
    if (settled && settled.fingerprint === this.#fingerprint(key, primary)) {
      const leftMs = settled.until - performance.now();
      // This event put an end to the delay that the key was in.
      if (leftMs > 0) return { unchanged: true, ...(leftMs < Infinity && { requeueAfterMs: leftMs }) };
    }
    this.#settled.delete(key);
    this.#doubted.delete(key);
    const reconcileId = randomUUID().slice(0, 8);
    return traced(
      this.#services.tracer,
      `reconcile ${this.#type.kind}`,
      () => this.#attributesOf(primary, reconcileId),
      async (span) => {
        const { kind } = this.#type;
        const logger = this.#services.logger.child({ kind, key, reconcileId, ...(span && { trace_id: span.traceId }) });
        let outcome: Outcome | undefined;
        try {
          outcome = await this.#reconcile(key, primary, logger, signal);
        } catch (error) {
          if (!isConflict(error)) throw error;
          // No failure: the stream brings the newer version, and with it the next run.
          logger.debug('the resource changed meanwhile, it is looked at again', { reason: error.message });
          outcome = { requeueAfterMs: CHANGED_RETRY_MS };
        }
        logger.debug('reconciled', { durationMs: Math.round(performance.now() - startedAt) });
        if (outcome?.requeueAfterMs !== undefined) span?.set({ 'reconcile.requeue_after_ms': outcome.requeueAfterMs });
        return outcome;
      },
      { root: true },
    );
  }

  #attributesOf({ metadata }: StoredObject, reconcileId: string): SpanAttributes {
    return {
      'reconcile.id': reconcileId,
      'reconcile.controller': this.#controllerClass.name,
      'k8s.resource.kind': this.#type.kind,
      'k8s.resource.name': metadata.name,
      'k8s.resource.generation': metadata.generation ?? 0,
      ...(metadata.namespace && { 'k8s.namespace.name': metadata.namespace }),
    };
  }

  async #reconcile(
    key: string,
    cached: StoredObject,
    logger: Logger,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    if (cached.metadata.deletionTimestamp) return this.#delete(key, cached, logger, signal);

    const errors = validateResource(this.#options.resource, cached);
    if (errors.length > 0) {
      const run = this.#context(key, cached, { errors }, logger, signal);
      const reconciled = await this.#handle('invalid', ResourceEventType.Modified, cached, run.context);
      await this.#patchStatus(key, cached, reconciled?.status, signal);
      return reconciled;
    }

    const primary = await this.#ensureFinalizer(key, cached, signal);
    const first = this.#seen.get(key) !== primary.metadata.uid;
    const references = await this.#resolve(key, primary, signal);
    // Taken before it is handled: what changes meanwhile is a change after this.
    const observed = this.#observations.all(key);
    const run = this.#context(key, primary, { references: references.resolved }, logger, signal);
    const reconciled = first
      ? await this.#handle('added', ResourceEventType.Added, primary, run.context)
      : await this.#handle('modified', ResourceEventType.Modified, primary, run.context);
    const told = await this.#patchStatus(key, primary, reconciled?.status, signal);
    const stored = await this.#takeOff(key, told.stored, reconciled?.takeOff ?? [], signal);
    this.#seen.set(key, primary.metadata.uid);
    // The status tells of failures first; then the run counts as failed, so that it comes back with a growing delay.
    run.throwIfFailed();
    const result = run.result();
    const waits = [reconciled?.requeueAfterMs, result?.retryAfterMs, told.heldMs].filter((wait) => wait !== undefined);
    if (result && result.conflicts.length > 0) return { requeueAfterMs: Math.min(CONFLICT_RETRY_MS, ...waits) };
    if (result && result.stale.length > 0) return { requeueAfterMs: Math.min(STALE_RETRY_MS, ...waits) };
    const requeueAfterMs = waits.length > 0 ? Math.min(...waits) : undefined;
    const sameSpec = stored.metadata.generation === primary.metadata.generation;
    const complete = result?.unavailable.length === 0;
    if (result && complete && sameSpec && !this.#doubted.has(key)) {
      const children = result.outcomes.flatMap(({ object }) => object ?? []);
      this.#settled.set(key, {
        fingerprint: fingerprint(stored, [...children, ...observed], references.stamp),
        until: performance.now() + (requeueAfterMs ?? Infinity),
      });
    }
    return { requeueAfterMs };
  }

  async #delete(key: string, primary: StoredObject, logger: Logger, signal: AbortSignal): Promise<Outcome | undefined> {
    if (!primary.metadata.finalizers?.includes(this.#options.finalizer)) return undefined;
    const run = this.#context(key, primary, {}, logger, signal);
    const reconciled = await this.#handle('deleted', ResourceEventType.Deleted, primary, run.context);
    if (reconciled?.finished === false) {
      await this.#patchStatus(key, primary, reconciled.status, signal);
      return reconciled;
    }
    const finalizers = primary.metadata.finalizers.filter((finalizer) => finalizer !== this.#options.finalizer);
    await this.#setFinalizers(key, primary, finalizers, signal);
    logger.info('deleted');
    return undefined;
  }

  async #handle(
    event: HandlerEvent,
    type: ResourceEventType,
    primary: StoredObject,
    context: ReconcileContext,
  ): Promise<Reconciled | undefined> {
    const method = handlerOf(this.#controllerClass, event);
    if (method) return this.#controller[method]?.(resourceEvent(this.#type, type, primary), context);
    if (event === 'invalid') {
      context.logger.warn('the resource is invalid and is left alone', { errors: context.errors });
    }
    return undefined;
  }

  #context(
    key: string,
    primary: StoredObject,
    known: { errors?: readonly FieldError[]; references?: readonly ResolvedReference[] },
    logger: Logger,
    signal: AbortSignal,
  ): { context: ReconcileContext; result: () => WorkflowResult | undefined; throwIfFailed: () => void } {
    const { client, events, metrics, tracer } = this.#services;
    let result: WorkflowResult | undefined;
    const workflow: WorkflowContext = {
      client,
      tracer,
      ownership: this.#ownership,
      signal,
      primaryType: this.#type,
      term: this.#services.term,
      contention: this.#contention,
      onContention: ({ kind }, name, state, fight) => {
        logger.warn(`contention over ${kind} ${state}`, { name, ...fight });
        events.record(primary, contentionEvent(kind, name, state, fight));
      },
      onWritten: (dependent, taken) => {
        const { step, object } = taken;
        const { kind } = dependent;
        metrics.reconciles.applied(this.#controllerClass.name, kind, step);
        if (step.action === 'delete') {
          this.#ownWrites.deleted(key, dependent.informer, step.observed);
          logger.info(`deleted ${kind}`, { name: step.observed.metadata.name });
          return;
        }
        if (!object) return;
        this.#ownWrites.wrote(key, dependent.informer, object);
        const { name } = object.metadata;
        if (step.action !== 'update') {
          logger.info(`created ${kind}`, { name });
        } else if (step.drift) {
          logger.info(`repaired ${kind}`, { name, fields: step.fields });
          events.record(primary, driftEvent(kind, name, step.fields));
        } else {
          logger.info(`updated ${kind}`, { name, fields: step.fields });
        }
      },
    };
    const context: ReconcileContext = {
      primary,
      logger,
      signal,
      errors: known.errors ?? [],
      references: known.references ?? [],
      orphaning: isOrphaning(primary),
      observed: (dependent) => this.#observed(primary, dependent),
      observedOf: (kind) => this.#observations.of(key, kind) as never,
      all: () => this.#primaries.list(),
      allObservedOf: (kind) => this.#observations.every(kind) as never,
      client,
      live: async (kind, labelSelector) => {
        const options = { namespace: primary.metadata.namespace, labelSelector, signal };
        const { plural } = kind;
        const type = { ...regularType(kind), ...(plural && { plural }) };
        const { items } = await client.listAll(type, options, (object) => object as never);
        return items;
      },
      patchObserved: async (kind, name, patch, subresource) => {
        const { type, informer } = this.#observations.watched(kind);
        const { namespace } = primary.metadata;
        const { fieldManager } = this.#services;
        this.#ownWrites.wrote(
          key,
          informer,
          await client.jsonPatch(type, namespace, name, patch, { subresource, fieldManager, signal }),
        );
      },
      apply: async (decision) => {
        result = await runWorkflow(this.#levels, primary, decision, workflow);
        return result;
      },
      deleteDependents: () => runCleanup(this.#levels, primary, workflow),
      event: (input) => events.record(primary, input),
      lookAgain: () => {
        this.#settled.delete(key);
        this.#doubted.add(key);
        // A run that always asks for the next one must not keep everything else from running.
        setImmediate(() => this.#queue.add(key));
      },
    };
    return { context, result: () => result, throwIfFailed: () => throwFailures(result) };
  }

  async #ensureFinalizer(key: string, primary: StoredObject, signal: AbortSignal): Promise<StoredObject> {
    const finalizers = primary.metadata.finalizers ?? [];
    if (finalizers.includes(this.#options.finalizer)) return primary;
    return (await this.#setFinalizers(key, primary, [...finalizers, this.#options.finalizer], signal)) ?? primary;
  }

  async #setFinalizers(
    key: string,
    primary: StoredObject,
    finalizers: string[],
    signal: AbortSignal,
  ): Promise<StoredObject | undefined> {
    const { namespace, name, uid, resourceVersion } = primary.metadata;
    // A merge patch replaces the whole list, so it may only meet the very version we read: nobody's finalizer is lost.
    const patch = { metadata: { uid, resourceVersion, finalizers } };
    return this.#patchPrimary(key, namespace, name, patch, undefined, signal);
  }

  /**
   * @returns the resource as it is stored after that; `heldMs`: somebody else keeps writing the status too, so this write
   *   waits so many milliseconds
   */
  async #patchStatus(
    key: string,
    primary: StoredObject,
    status: object | undefined,
    signal: AbortSignal,
  ): Promise<{ stored: StoredObject; heldMs?: number }> {
    const { namespace, name, uid, resourceVersion } = primary.metadata;
    const { brake } = this.#contention;
    const patch = status && mergePatch((primary as { status?: object }).status, status);
    if (!patch) {
      brake.calm(uid, STATUS);
      return { stored: primary };
    }
    const hash = hashWithoutTimes(status);
    const fought = brake.lastHash(uid, STATUS) === hash;
    const heldMs = fought ? brake.waitMs(uid, STATUS) : 0;
    if (heldMs > 0) {
      if (!brake.fight(uid, STATUS)) this.#statusContended(primary);
      return { stored: primary, heldMs };
    }
    // Only the very version that was judged: somebody who woke late, or a change in between, must not be overruled.
    const body = { metadata: { uid, resourceVersion }, status: patch };
    const stored = (await this.#patchPrimary(key, namespace, name, body, 'status', signal)) ?? primary;
    if (fought) brake.repaired(uid, STATUS, hash);
    else brake.wrote(uid, STATUS, hash);
    return { stored };
  }

  #statusContended(primary: StoredObject): void {
    const fight = { fields: [STATUS], who: 'another writer, such as a second operator,' };
    const { kind } = this.#type;
    const { name, uid } = primary.metadata;
    this.#contention.brake.began(uid, STATUS, fight);
    this.#services.logger.warn(`contention over ${kind} began`, { name, ...fight });
    this.#services.events.record(primary, contentionEvent(kind, name, 'began', fight));
  }

  /** @returns the resource as it is stored after that */
  async #takeOff(
    key: string,
    primary: StoredObject,
    annotations: readonly string[],
    signal: AbortSignal,
  ): Promise<StoredObject> {
    const { namespace, name, uid, resourceVersion, annotations: there = {} } = primary.metadata;
    const off = annotations.filter((annotation) => annotation in there).map((annotation) => [annotation, null]);
    if (off.length === 0) return primary;
    // Only from the very version that was judged: it may say something else by now.
    const patch = { metadata: { uid, resourceVersion, annotations: Object.fromEntries(off) } };
    return (await this.#patchPrimary(key, namespace, name, patch, undefined, signal)) ?? primary;
  }

  #resolve(key: string, primary: StoredObject, signal: AbortSignal) {
    const references = this.#options.references?.(primary) ?? [];
    return this.#references.resolve(key, primary.metadata.namespace, references, signal);
  }

  #observed<C extends KubernetesObject>(primary: StoredObject, dependent: Class): StoredObject<C>[] {
    const active = this.#levels.flat().find(({ dependentClass }) => dependentClass === dependent);
    if (!active)
      throw new Error(`${dependent.name} is no dependent of ${this.#type.kind}: list it where it is registered`);
    return active.informer
      .ownedBy(primary.metadata.uid)
      .filter(
        ({ metadata }) => metadata.annotations?.[this.#ownership.dependentAnnotation] === dependent.name,
      ) as never;
  }

  #fingerprint(key: string, primary: StoredObject): string {
    const { uid } = primary.metadata;
    return fingerprint(
      primary,
      [...this.#generated.flatMap((informer) => informer.ownedBy(uid)), ...this.#observations.all(key)],
      this.#references.stamp(key),
    );
  }

  /** @returns undefined if the object is gone @throws ApiError 409 if it has changed, or is another of the same name */
  async #patchPrimary(
    key: string,
    namespace: string | undefined,
    name: string,
    patch: object,
    subresource: 'status' | undefined,
    signal: AbortSignal,
  ): Promise<StoredObject | undefined> {
    const { client, fieldManager } = this.#services;
    try {
      const answer = await client.mergePatch(this.#type, namespace, name, patch, { subresource, fieldManager, signal });
      const stored = answer as unknown as StoredObject;
      this.#ownWrites.wrote(key, this.#primaries, stored);
      return stored;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #cached(key: string): StoredObject | undefined {
    const slash = key.indexOf('/');
    const namespace = slash < 0 ? undefined : key.slice(0, slash);
    return this.#primaries.get(namespace, key.slice(slash + 1));
  }
}

/** The versions of a resource, of all that is generated for it and of what it refers to, as one text. */
function fingerprint(primary: StoredObject, children: readonly StoredObject[], references: readonly string[]): string {
  const versions = [primary, ...children].map(({ metadata: { uid, resourceVersion } }) => `${uid}:${resourceVersion}`);
  return [...versions, ...references].sort().join(' ');
}

/** Tells one status from another whenever it was written. */
function hashWithoutTimes(status: object): string {
  return hashOf(JSON.parse(JSON.stringify(status, (key, value) => (key.endsWith('Time') ? undefined : value))));
}

function shownFields(fields: readonly string[]): string {
  return fields.slice(0, 5).join(', ') + (fields.length > 5 ? ` and ${fields.length - 5} more` : '');
}

function contentionEvent(kind: string, name: string, state: 'began' | 'ended', { fields, who }: Fight): EventInput {
  const what = fields.length > 0 ? `${shownFields(fields)} of ${kind} ${name}` : `${kind} ${name}`;
  const note =
    state === 'began'
      ? `${who} keeps changing ${what}. The operator now reverts it less and less often. Stop the other writer, or change ` +
        'the resource the object is generated from.'
      : `Nobody has changed ${what} for a while; the operator reverts changes at once again.`;
  return { type: state === 'began' ? 'Warning' : 'Normal', reason: 'Contended', action: 'Apply', note };
}

function driftEvent(kind: string, name: string, fields: readonly string[]): EventInput {
  const shown = shownFields(fields);
  return {
    type: 'Normal',
    reason: 'Repaired',
    action: 'Apply',
    note: `${kind} ${name} was changed by somebody else and put back: ${shown}. Change the resource it is generated from instead.`,
  };
}

function throwFailures(result: WorkflowResult | undefined): void {
  const failed = result?.failures ?? [];
  if (failed.length === 0) return;
  const causes = failed.map(({ error }) => error).filter((error) => error !== undefined);
  const message = failed.map(({ kind, name, ready }) => `${kind} ${name}: ${ready}`).join('; ');
  throw new AggregateError(causes, message);
}
