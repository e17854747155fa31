import type { ResolvedReference } from '../decorators/controller.ts';
import type { Class, Dependent } from '../decorators/dependent-resource.ts';
import type { EventInput } from '../events/event-recorder.ts';
import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { WorkflowResult } from '../reconcile/workflow-result.ts';
import type { FieldError } from '../schema/index.ts';
import type { ApiClient } from '../transport/api-client.ts';
import type { JsonPatchOperation } from '../transport/api-client-types.ts';

/** What a handler may return. Nothing at all is fine too. */
export interface ReconcileResult<S extends object = object> {
  /**
   * The whole status the resource should show. It is patched once, and only if it differs. Left out: the status
   * stays as it is.
   */
  status?: S;
  /**
   * Look again after so many milliseconds even if nothing happens. Before that, events that leave all as this run left or
   * saw it do not call the handler, so it must not depend on the time in between.
   */
  requeueAfterMs?: number;
  /**
   * Annotations of the resource that asked for something which is done: they are taken off, so that they do not ask for
   * it again. One that has changed meanwhile stays.
   */
  removeAnnotations?: readonly string[];
  /** In an `@OnDeleted` handler: true keeps the finalizer; the handler runs again when a dependent object changes. */
  keepFinalizer?: boolean;
}

/** What a handler may use while it handles one event. It is good for that one run only. */
export interface ReconcileContext<P extends KubernetesObject = KubernetesObject> {
  /** The resource as the cache holds it; shared, so it must not be changed. */
  readonly primary: StoredObject<P>;
  /** Logs with the resource's key and the id of this run. */
  readonly logger: Logger;
  /** Aborts when the run takes too long or the operator stops. */
  readonly signal: AbortSignal;
  /** In an `@OnInvalid` handler: what is wrong, field by field. Otherwise empty. */
  readonly errors: readonly FieldError[];
  /** In an `@OnError` handler: what another handler threw, or the error of the run timeout. Otherwise undefined. */
  readonly error: unknown;

  /** What the controller's `references` said of the resource, in that order, with what was found. */
  readonly references: readonly ResolvedReference[];

  /** The objects one dependent has generated for the resource, as the cache holds them. */
  observed<C extends KubernetesObject>(dependent: Class<Dependent<never, C, never>>): StoredObject<C>[];

  /** The objects of a kind of the controller's `watches` that belong to the resource, as the cache holds them. */
  watched<C extends KubernetesObject>(kind: string): StoredObject<C>[];

  /** All resources of the controller, as the cache holds them: for a decision that looks beyond one of them. */
  primaries(): StoredObject<P>[];

  /** The objects of a kind of the controller's `watches`, whatever resource they belong to, as the cache holds them. */
  allWatched<C extends KubernetesObject>(kind: string): StoredObject<C>[];

  /**
   * For the rare write that is no description of what should be, such as an eviction. Nothing keeps track of it: write
   * down that it is done before, or see to it that doing it twice equals doing it once.
   */
  readonly client: ApiClient;

  /**
   * What the API server has of a namespaced kind now: for a decision that must not be made from a cache that may lag
   * behind. A request each time.
   * @param kind its `plural` is only needed where that does not follow from the kind
   * @param namespace default the resource's own; must be given where the resource is cluster-scoped
   * @throws ApiError, TransportError
   */
  listLive<C extends KubernetesObject>(
    kind: { apiVersion: string; kind: string; plural?: string },
    labelSelector: string,
    namespace?: string,
  ): Promise<StoredObject<C>[]>;

  /**
   * Changes an object of a kind of the controller's `watches`, or one of its subresources, by a JSON patch. The next run
   * waits until the cache shows it.
   * @param object its name in the resource's namespace, or the object itself where the resource is cluster-scoped
   * @throws ApiError (422 if a `test` of the patch fails), TransportError
   */
  patchWatched(
    kind: string,
    object: string | StoredObject,
    patch: readonly JsonPatchOperation[],
    subresource?: string,
  ): Promise<void>;

  /**
   * Brings everything generated for the resource to what its dependents describe.
   * @param decision handed to every dependent's `desired` and `when`
   */
  apply(decision?: unknown): Promise<WorkflowResult>;

  /**
   * In an `@OnDeleted` handler: whether what belongs to the resource is to stay (`kubectl delete --cascade=orphan`). Then
   * `deleteDependents` deletes nothing, and the handler should delete nothing else either.
   */
  readonly orphaning: boolean;

  /**
   * Deletes everything generated, in reverse order of `dependsOn`; nothing if it is to stay, see `orphaning`.
   * @returns how many objects are still there that have to go
   */
  deleteDependents(): Promise<number>;

  /** Writes a Kubernetes Event about the resource; repeats within ten minutes are left out. */
  event(input: EventInput): void;

  /** Has the resource looked at again, soon. It may be called when this run is long over, such as at the end of a request. */
  readonly requeue: () => void;
}
