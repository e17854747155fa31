import type { ControllerOptions, ResolvedReference } from '../decorators/controller.ts';
import type { Class, Dependent } from '../decorators/dependent-resource.ts';
import type { EventInput, EventRecorder } from '../events/event-recorder.ts';
import type { KindCache, KindIndex } from '../informer/kind-cache.ts';
import { isOrphaning, type KubernetesObject, keyOf, type StoredObject } from '../kubernetes-object.ts';
import { isFencedOff } from '../leader/fenced-off.ts';
import type { Logger } from '../log/logger.ts';
import type { ReconcileMetrics } from '../metrics/reconcile-metrics.ts';
import type { TakenStep } from '../reconcile/apply-step.ts';
import { runCleanup } from '../reconcile/cleanup.ts';
import type { Contention } from '../reconcile/contention.ts';
import type { Ownership } from '../reconcile/desired-object.ts';
import type { PendingWrites } from '../reconcile/pending-writes.ts';
import { type ActiveDependent, runWorkflow, type WorkflowContext } from '../reconcile/workflow.ts';
import type { WorkflowResult } from '../reconcile/workflow-result.ts';
import { type ResourceType, regularType } from '../resource/resource-type.ts';
import type { FieldError } from '../schema/index.ts';
import type { Tracer } from '../tracing/tracer.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { ifFound } from '../transport/api-error.ts';
import { contentionEvent, driftEvent } from './dependent-events.ts';
import type { Observations } from './observations.ts';
import type { ReconcileContext } from './reconcile-context.ts';

/** What the contexts of all runs of one controller share. */
export interface ContextParts {
  client: ApiClient;
  tracer?: Tracer | undefined;
  events: EventRecorder;
  metrics: ReconcileMetrics;
  fieldManager: string;
  controllerClass: Class;
  /** The type of the primaries. */
  type: ResourceType;
  options: ControllerOptions;
  ownership: Ownership;
  levels: readonly ActiveDependent[][];
  primaries: KindCache;
  /** The indexes of the primaries, by name. */
  indexes: ReadonlyMap<string, KindIndex>;
  observations: Observations;
  ownWrites: PendingWrites;
  /** Tracks other clients that change generated objects. */
  contention: Contention;
  /** The leadership term, asked at every write; undefined: there is no election. */
  term: () => number | undefined;
  /** Requeues a key; its next run takes place whatever the caches show. */
  rerun: (key: string) => void;
}

/** What is special about one run. */
export interface RunParts {
  key: string;
  primary: StoredObject;
  logger: Logger;
  signal: AbortSignal;
  errors?: readonly FieldError[];
  references?: readonly ResolvedReference[];
  error?: unknown;
}

/** Generated objects could not be applied. The handler has seen it in the result of `apply`. */
export class DependentsFailedError extends AggregateError {
  override readonly name = 'DependentsFailedError';
}

/** The context of one run of a handler. Its functions are bound to it: a handler may take them out by destructuring. */
export class HandlerContext implements ReconcileContext {
  readonly primary: StoredObject;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly errors: readonly FieldError[];
  readonly references: readonly ResolvedReference[];
  readonly error: unknown;
  readonly client: ApiClient;
  readonly orphaning: boolean;
  readonly #parts: ContextParts;
  readonly #key: string;
  readonly #workflow: WorkflowContext;
  #result: WorkflowResult | undefined;

  constructor(parts: ContextParts, { key, primary, logger, signal, errors = [], references = [], error }: RunParts) {
    this.#parts = parts;
    this.#key = key;
    this.primary = primary;
    this.logger = logger;
    this.signal = signal;
    this.errors = errors;
    this.references = references;
    this.error = error;
    this.client = parts.client;
    this.orphaning = isOrphaning(primary);
    const { client, tracer, ownership, contention, term, type } = parts;
    this.#workflow = {
      client,
      tracer,
      ownership,
      signal,
      primaryType: type,
      term,
      contention,
      onContention: ({ kind }, object, state, fight) => {
        logger.warn(`Contention ${state}`, { object: `${kind} ${object}`, ...fight });
        this.event(contentionEvent(kind, object, state, fight));
      },
      onWritten: (dependent, taken) => this.#written(dependent, taken),
    };
  }

  readonly observed = <C extends KubernetesObject>(dependent: Class<Dependent<never, C, never>>): StoredObject<C>[] => {
    const { levels, options, ownership } = this.#parts;
    const active = levels.flat().find(({ dependentClass }) => dependentClass === dependent);
    if (!active) {
      const { name } = options.resource;
      throw new Error(
        `${dependent.name} is not a dependent of ${name}: decorate it with @DependentResource(${name}, { … }) and import its file`,
      );
    }
    const ofThisClass = ({ metadata }: StoredObject) =>
      metadata.annotations?.[ownership.dependentAnnotation] === dependent.name;
    return active.cache.ownedBy(this.primary.metadata.uid).filter(ofThisClass) as never;
  };

  readonly watched = (kind: string): never[] => this.#parts.observations.of(this.#key, kind) as never;

  readonly primaries = (): never[] => this.#parts.primaries.list() as never;

  readonly indexed = (name: string, value: string): never[] => {
    const { controllerClass, indexes } = this.#parts;
    const index = indexes.get(name);
    if (index) return index.get(value) as never;
    throw new Error(`${controllerClass.name} has no index ${name}: add it to the indexes of its @Controller`);
  };

  readonly allWatched = (kind: string): never[] => this.#parts.observations.every(kind) as never;

  readonly getLive: ReconcileContext['getLive'] = async (kind, name, namespace) => {
    const where = namespace ?? this.#ownNamespace(kind.kind);
    return (await ifFound(this.client.get(liveType(kind), where, name, { signal: this.signal }))) as never;
  };

  readonly listLive: ReconcileContext['listLive'] = async (kind, labelSelector, namespace) => {
    const type = liveType(kind);
    const where = { namespace: namespace ?? this.#ownNamespace(kind.kind), labelSelector };
    // Aggregated servers (metrics.k8s.io) give no resourceVersion.
    const options = { ...where, unversioned: true, signal: this.signal };
    const { items } = await this.client.listAll(type, options, (object) => object as never);
    return items;
  };

  readonly patchWatched: ReconcileContext['patchWatched'] = async (kind, object, patch, subresource) => {
    const { client, observations, fieldManager, ownWrites } = this.#parts;
    const { type, cache } = observations.watched(kind);
    const { namespace, name } =
      typeof object === 'string' ? { namespace: this.#ownNamespace(kind), name: object } : object.metadata;
    const options = { subresource, fieldManager, signal: this.signal };
    const answer = await client.jsonPatch(type, namespace, name, patch, options);
    ownWrites.wrote(this.#key, cache.of(namespace), answer);
  };

  readonly apply = async (decision?: unknown): Promise<WorkflowResult> => {
    const result = await runWorkflow(this.#parts.levels, this.primary, decision, this.#workflow);
    // Another process leads: this one's view of the resource must not get into the status.
    const fenced = result.failures.find(({ error }) => isFencedOff(error));
    if (fenced) throw fenced.error;
    this.#result = result;
    return result;
  };

  readonly deleteDependents = (): Promise<number> => runCleanup(this.#parts.levels, this.primary, this.#workflow);

  readonly event = (input: EventInput): void => this.#parts.events.record(this.primary, input);

  readonly requeue = (): void => this.#parts.rerun(this.#key);

  readonly requeueOther = (primary: StoredObject): void => this.#parts.rerun(keyOf(primary));

  /** The result of the last `apply` of this run; undefined if there was none. */
  get result(): WorkflowResult | undefined {
    return this.#result;
  }

  #ownNamespace(kind: string): string {
    const { namespace, name } = this.primary.metadata;
    if (namespace !== undefined) return namespace;
    throw new Error(
      `${this.primary.kind} ${name} is cluster-scoped and has no namespace of its own: pass the namespace of the ${kind}`,
    );
  }

  /** @throws DependentsFailedError if an object could not be applied */
  throwIfFailed(): void {
    const failed = this.#result?.failures ?? [];
    if (failed.length === 0) return;
    const causes = failed.map(({ error }) => error).filter((error) => error !== undefined);
    throw new DependentsFailedError(
      causes,
      failed.map(({ kind, name, ready }) => `${kind} ${name}: ${ready}`).join('; '),
    );
  }

  #written(dependent: ActiveDependent, { step, object }: TakenStep): void {
    const { metrics, controllerClass, ownWrites } = this.#parts;
    const { kind, cache } = dependent;
    metrics.applied(controllerClass.name, kind, step);
    if (step.action === 'delete') {
      ownWrites.deleted(this.#key, cache.of(step.observed.metadata.namespace), step.observed);
      this.logger.info('Deleted object', { object: `${kind} ${step.observed.metadata.name}` });
      return;
    }
    if (!object) return;
    ownWrites.wrote(this.#key, cache.of(object.metadata.namespace), object);
    const { name } = object.metadata;
    const fields = { object: `${kind} ${name}` };
    if (step.action !== 'update') {
      this.logger.info('Created object', fields);
    } else if (step.drift) {
      this.logger.info('Reverted drift', { ...fields, fields: step.fields });
      this.event(driftEvent(kind, name, step.fields));
    } else {
      this.logger.info('Updated object', { ...fields, fields: step.fields });
    }
  }
}

function liveType({ plural, ...kind }: Parameters<ReconcileContext['getLive']>[0]): ResourceType {
  return { ...regularType(kind), ...(plural && { plural }) };
}
