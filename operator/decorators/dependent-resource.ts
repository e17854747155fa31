import type { KubernetesObject, StoredObject } from '../kubernetes-object.ts';
import { parseApiVersion } from '../resource/resource-type.ts';

// biome-ignore lint/suspicious/noExplicitAny: a class of any constructor
export type Class<T = object> = new (...args: any[]) => T;

/**
 * Describes one kind of object that is generated for a primary resource. Implement it in a class with the `@DependentResource`
 * decorator; only `desired` is required.
 *
 * The methods must be pure: they read their arguments and do no I/O. Only the framework calls them.
 */
export interface Dependent<P extends KubernetesObject, C extends KubernetesObject = KubernetesObject, D = unknown> {
  /**
   * Returns the desired object, several, or none. List only the fields that you want to own (server-side apply);
   * apiVersion, kind, namespace, owner reference and the managed-by label are added.
   *
   * @param primary the resource that it is generated for
   * @param decision what the controller passed to `context.apply(decision)`
   */
  desired(primary: P, decision: D): C | C[] | undefined;

  /** Whether the objects are wanted; if not, existing ones are deleted. Default: always. */
  when?(primary: P, decision: D): boolean;

  /**
   * Whether its objects are kept when the primary is deleted or no longer wants them; a later primary of the same name
   * adopts them. For objects that hold data. Default: they are deleted.
   */
  retain?(primary: P, decision: D): boolean;

  /**
   * Returns the fields that another client sets, such as `spec.replicas` under a HorizontalPodAutoscaler, where `desired`
   * repeats the observed value. A change of such a field causes no write, and a write for another reason never reverts it.
   * A desired value that differs from the observed one is applied as usual. Default: none.
   */
  externallyManaged?(primary: P, decision: D): readonly string[];

  /**
   * Returns whether a desired object waits for an object of a dependent in `dependsOn` that is not ready or could not be
   * applied. Default: it waits for all of them.
   */
  waitsFor?(object: C, needed: { dependent: Class; name: string }): boolean;

  /**
   * Returns true if a stored object is ready, otherwise the reason why not. Dependents that list this one in
   * `dependsOn` wait for it. Default: ready as soon as it is stored.
   */
  ready?(observed: StoredObject<C>, primary: P): true | string;
}

// biome-ignore lint/suspicious/noExplicitAny: whatever it generates and is generated for
export type AnyDependent = Dependent<any, any, any>;

/** The options of `@DependentResource`. */
export interface DependentResourceOptions {
  /** apiVersion of the generated kind, such as `apps/v1`. */
  apiVersion: string;
  /** The generated kind, such as `Deployment`. */
  kind: string;
  /** Plural name in URLs, if it is not the regular English one. */
  plural?: string;
  /** False for a cluster-scoped kind. Default true. */
  namespaced?: boolean;
  /**
   * What happens while the cluster does not serve the kind, for example because its CRD is not installed. `wait`: desired objects
   * are reported as `unavailable` and created as soon as the kind is served. `ignore`: the same without the report, for
   * optional objects. Default: the operator is not ready until the kind is served.
   */
  ifKindMissing?: 'wait' | 'ignore';
  /** Dependents that must be applied and ready before this one is applied. */
  dependsOn?: Class<AnyDependent>[];
}

/** A registered dependent class with its options. @internal */
export interface DependentRegistration extends DependentResourceOptions {
  dependentClass: Class<AnyDependent>;
}

const registry = new Map<Class, DependentRegistration[]>();

/**
 * Registers a class as a dependent of a primary resource class. Whenever the primary is reconciled, the objects that the
 * class describes are created, drift is reverted, and objects that are no longer wanted are deleted.
 *
 * @throws Error if the apiVersion is malformed
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
