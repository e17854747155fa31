import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import { parseApiVersion } from '../resource/resource-type.ts';

// biome-ignore lint/suspicious/noExplicitAny: a class of any constructor
export type Class<T = object> = new (...args: any[]) => T;

/**
 * One kind of object generated for a primary resource. A class with this shape and the `@DependentResource`
 * decorator is all it takes; `desired` is the only method that must be there.
 *
 * The methods are pure: they look at their arguments and do no I/O. Nobody calls them but the framework.
 */
export interface Dependent<P extends KubernetesObject, C extends KubernetesObject = KubernetesObject, D = unknown> {
  /**
   * What should be there: one object, several, or none. Say only the fields you care about (server-side apply);
   * apiVersion, kind, namespace, owner and the managed-by label are added for you.
   *
   * @param primary the resource it is generated for
   * @param decision what the controller decided and gave to `context.apply(decision)`
   */
  desired(primary: P, decision: D): C | C[] | undefined;

  /** Whether it is wanted at all; if not, what exists of it is deleted. Default: always. */
  when?(primary: P, decision: D): boolean;

  /**
   * Whether its objects stay when the primary is deleted, or no longer wants them; a later primary of the same name
   * takes them over. For what holds data. Default: they go.
   */
  retain?(primary: P, decision: D): boolean;

  /**
   * Fields that somebody else sets, such as `spec.replicas` where there is a HorizontalPodAutoscaler: what is described
   * of them is what was observed. A change of theirs is then no reason for a write, and a write for another reason never
   * sets them back to what they were before. A value that differs from the observed one is applied as ever.
   * Default: none.
   */
  externallyManaged?(primary: P, decision: D): readonly string[];

  /**
   * Whether a stored object does its job: true, or in words why not yet. Dependents that name this one in
   * `dependsOn` wait for it. Default: ready as soon as it is stored.
   */
  ready?(observed: StoredObject<C>, primary: P): true | string;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever it generates and is generated for
export type AnyDependent = Dependent<any, any, any>;

/** Says of a dependent class what it generates, for whom, and after what. */
export interface DependentResourceOptions {
  /** apiVersion of the generated kind, such as `apps/v1`. */
  apiVersion: string;
  /** The generated kind, such as `Deployment`. */
  kind: string;
  /** Plural name in URLs, where it is not the usual English one. */
  plural?: string;
  /** False for a cluster-scoped kind. Default true. */
  namespaced?: boolean;
  /**
   * What happens while the cluster does not serve the kind, such as when its CRD is not installed. `wait`: desired objects
   * are reported as `unavailable` and created as soon as the kind is served. `ignore`: the same without the report, for
   * objects that an application is complete without. Default: the operator is not ready before the kind is served.
   */
  ifKindMissing?: 'wait' | 'ignore';
  /** Dependents that must be applied, and ready, before this one is. */
  dependsOn?: Class<AnyDependent>[];
}

/** A registered dependent class with its options. @internal */
export interface DependentRegistration extends DependentResourceOptions {
  dependentClass: Class<AnyDependent>;
}

const registry = new Map<Class, DependentRegistration[]>();

/**
 * Registers a class as a dependent of a primary resource class: whenever the primary is reconciled, the objects the
 * class describes are created, kept as described, and deleted when no longer wanted.
 *
 * @example
 * ```ts
 * \@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'ConfigMap' })
 * export class Greeting implements Dependent<RestAPI> {
 *   desired(api: RestAPI) {
 *     return { metadata: { name: `${api.metadata.name}-greeting` }, data: { hello: 'world' } };
 *   }
 * }
 * ```
 */
export function DependentResource<P extends KubernetesObject>(primary: Class<P>, options: DependentResourceOptions) {
  // biome-ignore lint/suspicious/noExplicitAny: what it generates is the class's own business
  return <T extends Dependent<P, any, any>>(dependentClass: Class<T>): void => {
    parseApiVersion(options.apiVersion, `${dependentClass.name} generates ${options.kind}: `);
    registry.set(primary, [...(registry.get(primary) ?? []), { ...options, dependentClass }]);
  };
}

/** The dependents registered for a primary resource class so far, in order of registration. @internal */
export function dependentsOf(primary: Class): readonly DependentRegistration[] {
  return registry.get(primary) ?? [];
}
