import type { Registry } from 'prom-client';
import type { ResourceViews } from '../dashboard/views.ts';
import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import type { PolicyRule } from '../rbac/policy-rule.ts';
import { checkController } from './check-controller.ts';
import type { Class } from './dependent-resource.ts';

/** An object that the primary references but does not own, such as a Secret. */
export interface Reference {
  apiVersion: string;
  kind: string;
  name: string;
  /**
   * Namespace of the object. Default: the primary's own; for a cluster-scoped primary, the object is cluster-scoped too.
   * A namespaced primary can only reference objects in its own namespace.
   */
  namespace?: string;
}

/** A reference and the object it resolves to. */
export type ResolvedReference<R extends Reference = Reference> = R & {
  /**
   * A hash of the object's content without metadata and status; undefined if the object does not exist. That of a Secret is
   * `<key ID>:<hash>` if the operator has a `hashKey`. Without one, do not store it where others can read it.
   */
  hash: string | undefined;
};

/** A namespaced kind that other clients create and that reconciling the primary depends on, such as EndpointSlices. */
export interface Observation {
  apiVersion: string;
  kind: string;
  /** Which objects to watch. Default: all. */
  labelSelector?: string;
  /**
   * Returns the name of the primary that an object belongs to, in the object's namespace unless primaries are cluster-scoped;
   * undefined if it belongs to none.
   */
  toPrimary: (object: StoredObject) => string | undefined;
}

/** The options of `@Controller`. */
export interface ControllerOptions<P extends KubernetesObject = KubernetesObject> {
  /** The class of the resource to reconcile, decorated with `@CustomResource`. */
  resource: Class<P>;
  /**
   * Finalizer that is added to every resource before anything is generated for it, and removed when the `@OnDeleted`
   * handler has finished. A qualified name such as `example.com/cleanup`.
   */
  finalizer: string;
  /**
   * Returns the objects that a resource references. Handlers get them resolved in `context.references`, and run again when
   * one of these objects is created, changed or deleted. A kind is watched from the first reference on.
   */
  references?: (primary: P) => Reference[];
  /** The kinds that `references` may return. Only `rbacRules()` reads it, to grant the rights to read them. */
  referenceKinds?: readonly { apiVersion: string; kind: string; plural?: string }[];
  /**
   * Kinds to watch besides the generated ones. Handlers read them with `context.watched(kind)`, and run again when
   * one of these objects is created, changed or deleted. The operator is not ready until the server serves the kinds.
   */
  watches?: Observation[];
  /**
   * Functions that derive a value from a resource, by the name of the index that `context.indexed(name, value)` reads: for
   * decisions about a few of many resources. They must be pure, and also take resources that violate the rules of their class.
   */
  indexes?: Readonly<Record<string, (primary: StoredObject<P>) => string | undefined>>;
  /** Rights that handlers need for requests of their own, such as by `context.client`. Only `rbacRules()` reads it. */
  permissions?: readonly PolicyRule[];
  /**
   * Registers the controller's own metrics; called once. `resources` returns the cached resources: a gauge that reads them
   * when it is collected never shows a deleted one.
   */
  metrics?: (registry: Registry, resources: () => StoredObject<P>[]) => void;
  /** What the operator's dashboard shows of the resource. Default: nothing. */
  views?: ResourceViews<P>;
}

/** The events that a method of a controller class can handle. @internal */
export type HandlerEvent = 'added' | 'modified' | 'deleted' | 'invalid' | 'error';

const EVENTS: readonly HandlerEvent[] = ['added', 'modified', 'deleted', 'invalid', 'error'];

const controllers = new Map<Class, ControllerOptions>();
const handlers = new Map<object, Map<HandlerEvent, string>>();

/**
 * Marks a class as the controller of a resource. Its methods become handlers by the `@On…` decorators.
 *
 * @throws Error if the class has no handler, the finalizer is not a qualified name, or an apiVersion is malformed
 * @example
 * ```ts
 * \@Controller({ resource: Greeting, finalizer: 'example.com/finalizer' })
 * export class GreetingController {
 *   \@OnAdded()
 *   \@OnModified()
 *   async reconcile(_event: ResourceEvent, context: ReconcileContext<Greeting>) {
 *     const { notReady } = await context.apply();
 *     return { status: { ready: notReady.length === 0 } };
 *   }
 * }
 * ```
 */
export function Controller<P extends KubernetesObject>(options: ControllerOptions<P>) {
  return (controllerClass: Class): void => {
    const hasHandler = EVENTS.some((event) => handlerOf(controllerClass, event) !== undefined);
    checkController(controllerClass, options, hasHandler);
    controllers.set(controllerClass, options as unknown as ControllerOptions);
  };
}

function on(event: HandlerEvent) {
  return () =>
    (prototype: object, method: string): void => {
      const methods = handlers.get(prototype) ?? new Map<HandlerEvent, string>();
      const taken = methods.get(event);
      if (taken) {
        throw new Error(
          `${prototype.constructor.name}: ${taken} and ${method} both handle '${event}'; keep one of the decorators`,
        );
      }
      handlers.set(prototype, methods.set(event, method));
    };
}

/**
 * Makes a method the handler of resources that this process sees for the first time.
 * Signature: `(event: ResourceEvent, context: ReconcileContext) => Promise<ReconcileResult>`.
 *
 * @example
 * ```ts
 * \@OnAdded()
 * async added(_event: ResourceEvent, context: ReconcileContext<Greeting>) {
 *   await context.apply();
 * }
 * ```
 */
export const OnAdded = on('added');

/**
 * Makes a method the handler of every later run: a changed resource, a changed or deleted generated object, a resync. It often is
 * the same method as that of `@OnAdded`.
 *
 * @example
 * ```ts
 * \@OnModified()
 * async modified(_event: ResourceEvent, context: ReconcileContext<Greeting>) {
 *   await context.apply();
 * }
 * ```
 */
export const OnModified = on('modified');

/**
 * Makes a method the handler of resources that are being deleted. The finalizer is removed when it returns without
 * `{ keepFinalizer: true }`. Without such a method the garbage collector deletes the generated objects.
 *
 * @example
 * ```ts
 * \@OnDeleted()
 * async deleted(_event: ResourceEvent, context: ReconcileContext<Greeting>) {
 *   return { keepFinalizer: (await context.deleteDependents()) > 0 };
 * }
 * ```
 */
export const OnDeleted = on('deleted');

/**
 * Makes a method the handler of resources that violate the rules of their class. Nothing is generated or changed for them.
 * The handler reads the errors from `context.errors` and returns the status.
 *
 * @example
 * ```ts
 * \@OnInvalid()
 * async invalid(_event: ResourceEvent, context: ReconcileContext<Greeting>) {
 *   return { status: { problem: describeErrors(context.errors) } };
 * }
 * ```
 */
export const OnInvalid = on('invalid');

/**
 * Makes a method the handler of failures: it runs after another handler threw or did not return within the run timeout, with
 * `context.error`. The status it returns is written; everything else is ignored. The run still counts as failed and is retried
 * with a growing delay. Without such a method the failure is logged and, if it lasts, reported by an Event.
 *
 * @example
 * ```ts
 * \@OnError()
 * async failed(_event: ResourceEvent, context: ReconcileContext<Greeting>) {
 *   return { status: { ...context.primary.status, problem: String(context.error) } };
 * }
 * ```
 */
export const OnError = on('error');

/** The options of a controller class. @throws Error if the class is not decorated with `@Controller` @internal */
export function controllerOptionsOf(controllerClass: Class): ControllerOptions {
  const options = controllers.get(controllerClass);
  if (!options) throw new Error(`${controllerClass.name} is not a controller: decorate it with @Controller({ … })`);
  return options;
}

/** The name of the method of a controller that handles an event, base classes included. @internal */
export function handlerOf(controllerClass: Class, event: HandlerEvent): string | undefined {
  for (let at = controllerClass.prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const method = handlers.get(at)?.get(event);
    if (method) return method;
  }
  return undefined;
}
