import type { ResolvedReference } from '../decorators/controller.ts';
import type { Class, Dependent } from '../decorators/dependent-resource.ts';
import type { EventInput } from '../events/event-recorder.ts';
import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { WorkflowResult } from '../reconcile/workflow-result.ts';
import type { FieldError } from '../schema/index.ts';
import type { ApiClient } from '../transport/api-client.ts';
import type { JsonPatchOperation } from '../transport/api-client-types.ts';

/** What a handler may return. All fields are optional, and so is the result itself. */
export interface ReconcileResult<S extends object = object> {
  /**
   * The complete status of the resource. It is patched once, and only if it differs. Default: the status is unchanged.
   */
  status?: S;
  /**
   * Runs the handler again after this many milliseconds even if nothing changes. Until then, events that leave everything as this
   * run left or read it do not call the handler, so it must not depend on the time in between.
   */
  requeueAfterMs?: number;
  /**
   * Annotations of the resource whose request is done: they are removed, so that they do not request it again. One that has
   * changed in the meantime is kept.
   */
  removeAnnotations?: readonly string[];
  /** In an `@OnDeleted` handler: true keeps the finalizer; the handler runs again when a generated object changes. */
  keepFinalizer?: boolean;
}

/**
 * The tools of a handler. Valid for one run only.
 *
 * @example
 * ```ts
 * async reconcile(_event: ResourceEvent, context: ReconcileContext<Greeting>) {
 *   const { notReady } = await context.apply();
 *   context.logger.info('Applied', { notReady: notReady.length });
 *   return { status: { ready: notReady.length === 0 } };
 * }
 * ```
 */
export interface ReconcileContext<P extends KubernetesObject = KubernetesObject> {
  /** The resource as cached. It is shared: do not modify it. */
  readonly primary: StoredObject<P>;
  /** Logs with the key of the resource and the id of this run. */
  readonly logger: Logger;
  /** Aborts when the run takes too long or the operator stops. */
  readonly signal: AbortSignal;
  /** In an `@OnInvalid` handler: the errors, field by field. Otherwise empty. */
  readonly errors: readonly FieldError[];
  /** In an `@OnError` handler: the error that another handler threw, or that of the run timeout. Otherwise undefined. */
  readonly error: unknown;

  /** The resolved references of the resource, in the order of the controller's `references`. */
  readonly references: readonly ResolvedReference[];

  /** The cached objects that one dependent has generated for the resource. */
  observed<C extends KubernetesObject>(dependent: Class<Dependent<never, C, never>>): StoredObject<C>[];

  /** The cached objects of a kind of the controller's `watches` that belong to the resource. */
  watched<C extends KubernetesObject>(kind: string): StoredObject<C>[];

  /** All cached resources of the controller: for decisions that depend on several of them. */
  primaries(): StoredObject<P>[];

  /**
   * The cached resources for which a function of the controller's `indexes` returned a value; the cost does not depend on the
   * number of the others.
   * @throws Error if the controller has no such index
   */
  indexed(index: string, value: string): StoredObject<P>[];

  /** The cached objects of a kind of the controller's `watches`, for all resources. */
  allWatched<C extends KubernetesObject>(kind: string): StoredObject<C>[];

  /**
   * The client, for the rare write that is not a desired state, such as an eviction. The framework does not track such writes:
   * record them first, or make them idempotent.
   */
  readonly client: ApiClient;

  /**
   * Reads an object of a namespaced kind from the API server, for content that no cache holds, such as that of a reference.
   * Each call is a request.
   * @param kind `plural` is only needed if it is irregular
   * @param namespace default: that of the resource; required if the resource is cluster-scoped
   * @returns undefined if the object does not exist
   * @throws ApiError, TransportError
   */
  getLive<C extends KubernetesObject>(
    kind: { apiVersion: string; kind: string; plural?: string },
    name: string,
    namespace?: string,
  ): Promise<StoredObject<C> | undefined>;

  /**
   * Lists a namespaced kind from the API server, for decisions that must not rely on a cache that may lag behind. Each call is
   * a request.
   * @param kind `plural` is only needed if it is irregular
   * @param namespace default: that of the resource; required if the resource is cluster-scoped
   * @throws ApiError, TransportError
   */
  listLive<C extends KubernetesObject>(
    kind: { apiVersion: string; kind: string; plural?: string },
    labelSelector: string,
    namespace?: string,
  ): Promise<StoredObject<C>[]>;

  /**
   * Patches an object of a kind of the controller's `watches`, or one of its subresources, with a JSON patch. The next run
   * waits until the cache shows the change.
   * @param object its name in the namespace of the resource, or the object itself if the resource is cluster-scoped
   * @throws ApiError (422 if a `test` of the patch fails), TransportError
   */
  patchWatched(
    kind: string,
    object: string | StoredObject,
    patch: readonly JsonPatchOperation[],
    subresource?: string,
  ): Promise<void>;

  /**
   * Applies the desired objects of all dependents and deletes unwanted ones.
   * @param decision passed to the methods of every dependent
   */
  apply(decision?: unknown): Promise<WorkflowResult>;

  /**
   * In an `@OnDeleted` handler: whether the generated objects are kept (`kubectl delete --cascade=orphan`). Then
   * `deleteDependents` deletes nothing, and the handler should not delete anything else either.
   */
  readonly orphaning: boolean;

  /**
   * Deletes all generated objects, in reverse order of `dependsOn`; none if they are kept, see `orphaning`.
   * @returns the number of objects that still have to be deleted
   */
  deleteDependents(): Promise<number>;

  /** Records a Kubernetes Event about the resource; repeats within ten minutes are dropped. */
  event(input: EventInput): void;

  /** Requeues the resource at once. May be called after this run has ended, for example when a request completes. */
  readonly requeue: () => void;

  /** Requeues another resource of the controller at once, for example because it waits for what this run has seen end. */
  readonly requeueOther: (primary: StoredObject<P>) => void;
}
