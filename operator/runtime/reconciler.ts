import { randomUUID } from 'node:crypto';
import { type ResourceEvent, ResourceEventType } from '@dot-i/k8s-operator';
import { checkDelay } from '../async/check-delay.ts';
import { type HandlerEvent, handlerOf } from '../decorators/controller.ts';
import { keyOf, type StoredObject } from '../kubernetes-object.ts';
import { isFencedOff } from '../leader/fenced-off.ts';
import { errorFields, type Logger, withFields } from '../log/logger.ts';
import type { Outcome } from '../queue/work-queue.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import { validateResource } from '../schema/index.ts';
import { type SpanAttributes, traced } from '../tracing/tracer.ts';
import { isConflict } from '../transport/api-error.ts';
import { WriteRefusedError } from '../transport/write-refused-error.ts';
import { type ConvergedRuns, fingerprintOf } from './converged-runs.ts';
import { contentionEvent } from './dependent-events.ts';
import { type ContextParts, HandlerContext, type RunParts } from './handler-context.ts';
import { PrimaryWriter } from './primary-writer.ts';
import type { ReconcileContext, ReconcileResult } from './reconcile-context.ts';
import type { References } from './references.ts';
import { resourceEvent } from './resource-event.ts';

/** How often a taken name is retried, in milliseconds: objects of others are not watched, so no event reports that it is free. */
const CONFLICT_RETRY_MS = 10_000;

/** Delay before a resource that changed during a run is reconciled again if no event arrives first, in milliseconds. */
const CHANGED_RETRY_MS = 500;

/**
 * Delay before a resource whose cached version is older than its generated objects is reconciled again if no event arrives
 * first, in milliseconds.
 */
const STALE_RETRY_MS = 1_000;

type Handler = (event: ResourceEvent, context: ReconcileContext) => Promise<ReconcileResult | undefined>;

/** The dependencies of a Reconciler. */
export interface ReconcilerParts extends ContextParts {
  type: ResourceType;
  /** An object of the controller class. */
  controller: object;
  references: References;
  converged: ConvergedRuns;
  logger: Logger;
  /** Everything the caches hold that is generated for a primary or observed for it. */
  related: (key: string, primary: StoredObject) => StoredObject[];
}

/**
 * Reconciles one resource at a time: checks whether a run is needed, calls the handler, writes finalizer and status.
 * A run reads only the caches. Between runs only writes that the caches do not show yet are kept.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #handlers: Record<string, Handler>;
  readonly #writer: PrimaryWriter;
  /** Uids handled since this process started. They distinguish added from modified resources. */
  readonly #handled = new Map<string, string>();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#handlers = parts.controller as Record<string, Handler>;
    this.#writer = new PrimaryWriter(parts);
  }

  /**
   * Reconciles the resource of a key, as the work queue asks.
   * @param cached what the cache holds of it; asked once the cache has shown our own last write
   * @throws whatever failed; the key is then retried with a growing delay
   */
  async process(
    key: string,
    cached: () => StoredObject | undefined,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    const { ownWrites, converged, references, contention } = this.#parts;
    contention.brake.sweep();
    const unseen = ownWrites.missing(key);
    if (unseen) return { waitFor: unseen };
    const primary = cached();
    if (!primary) {
      contention.forget(this.#handled.get(key) ?? '');
      this.#handled.delete(key);
      ownWrites.forget(key);
      converged.forget(key);
      references.forget(key);
      return { unchanged: true };
    }
    const restMs = converged.restMs(key, () => this.#fingerprint(key, primary));
    // The event that brought the key here put an end to the delay it was in.
    if (restMs > 0) return { unchanged: true, ...(restMs < Infinity && { requeueAfterMs: restMs }) };
    converged.begin(key);
    return this.#traced(key, primary, (logger) => this.#reconcile(key, primary, logger, signal));
  }

  /** Runs as a trace of its own. A conflict is not a failure: the watch will deliver the newer version. */
  async #traced(
    key: string,
    primary: StoredObject,
    reconcile: (logger: Logger) => Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> {
    const { tracer, type } = this.#parts;
    const startedAt = performance.now();
    const reconcileId = randomUUID().slice(0, 8);
    return traced(
      tracer,
      `reconcile ${type.kind}`,
      () => this.#attributesOf(primary, reconcileId),
      async (span) => {
        const logger = withFields(this.#parts.logger, {
          kind: type.kind,
          key,
          reconcileId,
          ...(span && { trace_id: span.traceId }),
        });
        let outcome: Outcome | undefined;
        try {
          outcome = await reconcile(logger);
        } catch (error) {
          if (!isConflict(error)) throw error;
          logger.debug('Conflict on update, requeueing', { reason: error.message });
          outcome = { requeueAfterMs: CHANGED_RETRY_MS };
        }
        logger.debug('Reconciled', { durationMs: Math.round(performance.now() - startedAt) });
        if (outcome?.requeueAfterMs !== undefined) span?.set({ 'reconcile.requeue_after_ms': outcome.requeueAfterMs });
        return outcome;
      },
      { root: true },
    );
  }

  async #reconcile(
    key: string,
    cached: StoredObject,
    logger: Logger,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    if (cached.metadata.deletionTimestamp) return this.#delete(key, cached, logger, signal);

    const { options, references, observations } = this.#parts;
    const errors = validateResource(options.resource, cached);
    if (errors.length > 0) {
      const context = this.#context({ key, primary: cached, errors, logger, signal });
      const reconciled = await this.#handle('invalid', ResourceEventType.Modified, context);
      await this.#writer.patchStatus(key, cached, reconciled?.status, signal);
      return reconciled;
    }

    const named = options.references?.(cached) ?? [];
    const unsynced = references.unsynced(key, cached.metadata.namespace, named);
    if (unsynced) return { waitFor: unsynced };
    const primary = await this.#writer.ensureFinalizer(key, cached, options.finalizer, signal);
    const { resolved, stamp } = await references.resolve(key, primary.metadata.namespace, named, signal);
    // Taken before the handler runs, so that a change in between counts as a later one.
    const observed = observations.all(key);
    const context = this.#context({ key, primary, references: resolved, logger, signal });
    const first = this.#handled.get(key) !== primary.metadata.uid;
    const reconciled = first
      ? await this.#handle('added', ResourceEventType.Added, context)
      : await this.#handle('modified', ResourceEventType.Modified, context);
    const { stored: told, held } = await this.#writer.patchStatus(key, primary, reconciled?.status, signal);
    if (held?.began) this.#statusContended(context);
    const stored = await this.#writer.removeAnnotations(key, told, reconciled?.removeAnnotations ?? [], signal);
    this.#handled.set(key, primary.metadata.uid);
    // The status reports failures first; then the run counts as failed and is retried with a growing delay.
    context.throwIfFailed();
    const { result } = context;
    const waits = [reconciled?.requeueAfterMs, result?.retryAfterMs, held?.retryAfterMs].filter(
      (wait) => wait !== undefined,
    );
    if (result && result.conflicts.length > 0) return { requeueAfterMs: Math.min(CONFLICT_RETRY_MS, ...waits) };
    if (result && result.stale.length > 0) return { requeueAfterMs: Math.min(STALE_RETRY_MS, ...waits) };
    const requeue = waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : undefined;
    const sameSpec = stored.metadata.generation === primary.metadata.generation;
    if (result && result.unavailable.length === 0 && sameSpec) {
      const children = result.outcomes.flatMap(({ object }) => object ?? []);
      const fingerprint = fingerprintOf([stored, ...children, ...observed], stamp);
      this.#parts.converged.complete(key, fingerprint, requeue?.requeueAfterMs ?? Infinity);
    }
    return requeue;
  }

  async #delete(key: string, primary: StoredObject, logger: Logger, signal: AbortSignal): Promise<Outcome | undefined> {
    const { finalizer } = this.#parts.options;
    if (!primary.metadata.finalizers?.includes(finalizer)) return undefined;
    const context = this.#context({ key, primary, logger, signal });
    const reconciled = await this.#handle('deleted', ResourceEventType.Deleted, context);
    if (reconciled?.keepFinalizer) {
      await this.#writer.patchStatus(key, primary, reconciled.status, signal);
      return reconciled;
    }
    await this.#writer.removeFinalizer(key, primary, finalizer, signal);
    logger.info('Finalizer removed, resource can be deleted');
    return undefined;
  }

  #statusContended({ logger, event }: HandlerContext): void {
    const { kind } = this.#parts.type;
    const fight = { fields: ['status'], who: 'Another writer, such as a second operator,' };
    logger.warn('Contention began', { object: `status of ${kind}`, ...fight });
    event(contentionEvent(kind, 'itself', 'began', fight));
  }

  #context(run: RunParts): HandlerContext {
    return new HandlerContext(this.#parts, run);
  }

  /**
   * Runs the controller's `@OnError` handler, which reports the failure in the status. An error in it is only logged: the original
   * error matters more.
   */
  async failed(key: string, primary: StoredObject, error: unknown, logger: Logger, signal: AbortSignal): Promise<void> {
    if (!handlerOf(this.#parts.controllerClass, 'error')) return;
    const context = this.#context({ key, primary, error, logger, signal });
    try {
      const reconciled = await this.#call('error', ResourceEventType.Modified, context);
      await this.#writer.patchStatus(key, primary, reconciled?.status, signal);
    } catch (second) {
      if (!isConflict(second)) logger.warn('The @OnError handler failed', errorFields(second));
    }
  }

  async #handle(
    event: HandlerEvent,
    type: ResourceEventType,
    context: HandlerContext,
  ): Promise<ReconcileResult | undefined> {
    try {
      return await this.#call(event, type, context);
    } catch (error) {
      const { primary, logger, signal } = context;
      // Neither a conflict nor a write that another leader forbids is a failure, and the caller that aborts a run reports it.
      const excused = isConflict(error) || isFencedOff(error) || error instanceof WriteRefusedError || signal.aborted;
      if (!excused) await this.failed(keyOf(primary), primary, error, logger, signal);
      throw error;
    }
  }

  async #call(
    event: HandlerEvent,
    type: ResourceEventType,
    context: HandlerContext,
  ): Promise<ReconcileResult | undefined> {
    const method = handlerOf(this.#parts.controllerClass, event);
    if (method) {
      const { type: resource, controllerClass } = this.#parts;
      const reconciled = await this.#handlers[method]?.(resourceEvent(resource, type, context.primary), context);
      if (reconciled?.requeueAfterMs !== undefined) {
        checkDelay(reconciled.requeueAfterMs, `${controllerClass.name}.${method}: requeueAfterMs`);
      }
      return reconciled;
    }
    if (event === 'invalid') {
      context.logger.warn('Resource is invalid, leaving it unchanged until it is corrected', {
        errors: context.errors,
      });
    }
    return undefined;
  }

  #fingerprint(key: string, primary: StoredObject): string {
    const { related, references } = this.#parts;
    return fingerprintOf([primary, ...related(key, primary)], references.stamp(key));
  }

  #attributesOf({ metadata }: StoredObject, reconcileId: string): SpanAttributes {
    return {
      'reconcile.id': reconcileId,
      'reconcile.controller': this.#parts.controllerClass.name,
      'k8s.resource.kind': this.#parts.type.kind,
      'k8s.resource.name': metadata.name,
      'k8s.resource.generation': metadata.generation ?? 0,
      ...(metadata.namespace && { 'k8s.namespace.name': metadata.namespace }),
    };
  }
}
