import type { Registry } from 'prom-client';
import type { ResourceViews } from '../dashboard/views.ts';
import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import type { PolicyRule } from '../rbac/policy-rule.ts';
import type { Class } from './dependent-resource.ts';

/** An object that the primary names but does not own, such as a Secret. */
export interface Reference {
  apiVersion: string;
  kind: string;
  name: string;
  /**
   * Where the object is. Left out: in the primary's own namespace; for a cluster-scoped primary, that the object is
   * cluster-scoped too. A namespaced primary may name no other namespace than its own.
   */
  namespace?: string;
}

/** A reference and what it was found to lead to. */
export type ResolvedReference<R extends Reference = Reference> = R & {
  /** A hash of all the object holds, its metadata and status aside; undefined: there is no such object. */
  hash: string | undefined;
};

/** A namespaced kind that others make and that decisions for the primary are made from, such as EndpointSlices. */
export interface Observation {
  apiVersion: string;
  kind: string;
  /** Which of them to watch. Left out: all. */
  labelSelector?: string;
  /** Name of the primary, in the object's own namespace unless primaries are cluster-scoped, that an object belongs to; undefined: to none. */
  toPrimary: (object: StoredObject) => string | undefined;
}

/** What a controller class says of itself. */
export interface ControllerOptions<P extends KubernetesObject = KubernetesObject> {
  /** The class of the resource it reconciles, decorated with `@CustomResource`. */
  resource: Class<P>;
  /**
   * Finalizer put on every resource before anything is generated for it, and taken off when the `@OnDeleted`
   * handler has finished. A qualified name such as `example.com/cleanup`.
   */
  finalizer: string;
  /**
   * What the resource refers to. Its handlers get it resolved in `context.references`, and are called again when
   * one of these objects is created, changed or deleted. A kind is watched from the first time it is referred to.
   */
  references?: (primary: P) => Reference[];
  /** The kinds that `references` may return. Only `rbacRules()` reads it, to grant the rights to read them. */
  referenceKinds?: readonly { apiVersion: string; kind: string; plural?: string }[];
  /**
   * What is watched besides what is generated. Handlers find it by `context.watched(kind)`, and are called again when
   * one of these objects is created, changed or deleted. The operator is not ready before the kinds are served.
   */
  watches?: Observation[];
  /** Rights that handlers need for requests of their own, such as by `context.client`. Only `rbacRules()` reads it. */
  permissions?: readonly PolicyRule[];
  /**
   * Adds metrics of its own to those of the operator, once. `resources` gives what the cache of the resource holds at
   * that moment: gauges that look at it when they are collected never show what is gone.
   */
  metrics?: (registry: Registry, resources: () => StoredObject<P>[]) => void;
  /** What the operator's dashboard shows of the resource, where there is one. Left out: nothing. */
  views?: ResourceViews<P>;
}

/** The events a method of a controller class can handle. */
export type HandlerEvent = 'added' | 'modified' | 'deleted' | 'invalid' | 'error';

const controllers = new Map<Class, ControllerOptions>();
const handlers = new Map<object, Map<HandlerEvent, string>>();

/** Marks a class as the controller of a resource. Its methods become handlers by the `@On…` decorators. */
export function Controller<P extends KubernetesObject>(options: ControllerOptions<P>) {
  return (controllerClass: Class): void => {
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
 * The method handles resources seen for the first time since this process started.
 * Signature: `(event: ResourceEvent, context: ReconcileContext) => Promise<ReconcileResult>`.
 */
export const OnAdded = on('added');

/** The method handles everything later: a changed resource, a changed or lost generated object, a resync. */
export const OnModified = on('modified');

/**
 * The method handles resources that are being deleted. The finalizer goes when it returns without
 * `{ keepFinalizer: true }`. Without such a method the generated objects are left to the garbage collector.
 */
export const OnDeleted = on('deleted');

/**
 * The method handles resources whose fields break the class's own rules; nothing is generated or changed for those.
 * It gets the errors as `context.errors` and returns the status to show.
 */
export const OnInvalid = on('invalid');

/**
 * The method is called when another handler threw or did not return within the run timeout, with `context.error`. The status it
 * returns is written; everything else it returns is ignored. The run counts as failed all the same and comes again with a
 * growing delay. Without such a method the failure is logged and, when it lasts, reported by an Event.
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

/** The options of a controller class. @throws if the class is not decorated with `@Controller` */
export function controllerOptionsOf(controllerClass: Class): ControllerOptions {
  const options = controllers.get(controllerClass);
  if (!options) throw new Error(`${controllerClass.name} is no controller: decorate it with @Controller({ … })`);
  return options;
}

/** The name of the method of a controller that handles an event, its base classes included. */
export function handlerOf(controllerClass: Class, event: HandlerEvent): string | undefined {
  for (let at = controllerClass.prototype; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const method = handlers.get(at)?.get(event);
    if (method) return method;
  }
  return undefined;
}
