import { controllerOptionsOf } from '../decorators/controller.ts';
import { type Class, dependentsOf } from '../decorators/dependent-resource.ts';
import { parseApiVersion, pluralOf } from '../resource/resource-type.ts';
import { customResourceOf } from '../schema/index.ts';
import type { PolicyRule } from './policy-rule.ts';

/** All verbs that are granted, in the order in which rules list them. */
const VERBS = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
/** A create is a server-side apply, which needs both `create` and `patch`; `get` reads an object after a conflict. */
const DEPENDENT_VERBS = VERBS;
/** The metadata of all objects is watched; a referenced object is read to compute its hash. */
const REFERENCE_VERBS = ['get', 'list', 'watch'];
const WATCH_VERBS = ['list', 'watch'];

/**
 * Returns the RBAC rules that an operator with these controllers needs: for its resources, their dependents, `watches`,
 * `referenceKinds`, `permissions`, and Events. The Lease of a leader election is not among them, see `leaseRules()`.
 * Dependents count once their classes have been loaded. The order follows the declarations, so that generated files are stable.
 *
 * @param controllers classes decorated with `@Controller`, or objects of them
 * @throws Error if a class is not decorated, or has `references` but no `referenceKinds`
 * @throws TypeError if an apiVersion is malformed
 *
 * @example
 * ```ts
 * const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', rules: rbacRules([GreetingController]) };
 * ```
 */
export function rbacRules(controllers: readonly (Class | object)[]): PolicyRule[] {
  const rights = new Rights();
  const named: PolicyRule[] = [];
  for (const controller of controllers) {
    const controllerClass = classOf(controller);
    const { resource, references, referenceKinds, watches, permissions } = controllerOptionsOf(controllerClass);
    if (references && !referenceKinds) {
      throw new Error(
        `${controllerClass.name}: @Controller has references but no referenceKinds, so their RBAC rules are unknown. ` +
          "List the kinds, such as referenceKinds: [{ apiVersion: 'v1', kind: 'Secret' }].",
      );
    }
    const { group, plural, status } = customResourceOf(resource);
    rights.add(group, plural, ['list', 'watch', 'patch']);
    if (status) rights.add(group, `${plural}/status`, ['patch']);
    for (const kind of dependentsOf(resource)) rights.addKind(kind, DEPENDENT_VERBS);
    for (const kind of watches ?? []) rights.addKind(kind, WATCH_VERBS);
    for (const kind of referenceKinds ?? []) rights.addKind(kind, REFERENCE_VERBS);
    for (const rule of permissions ?? []) {
      // A rule for some objects cannot be merged with one for all.
      if (rule.resourceNames) named.push(rule);
      else for (const group of rule.apiGroups) for (const name of rule.resources) rights.add(group, name, rule.verbs);
    }
  }
  rights.add('events.k8s.io', 'events', ['create']);
  return [...rights.rules(), ...named];
}

/** Returns the RBAC rules for the Lease of a leader election, to be granted in the Lease's namespace. */
export function leaseRules(name: string): PolicyRule[] {
  const lease = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return [
    // Creation cannot be limited to a name.
    { ...lease, verbs: ['create'] },
    { ...lease, resourceNames: [name], verbs: ['get', 'list', 'watch', 'patch'] },
  ];
}

/** Returns the RBAC rules for a key Secret (option `hashKey`) that exists, to be granted in its namespace. */
export function hashKeyRules(name: string): PolicyRule[] {
  return [{ apiGroups: [''], resources: ['secrets'], resourceNames: [name], verbs: ['get', 'patch'] }];
}

/** Returns the RBAC rules for reviews of clients (options `secureMetrics` and `dashboard.exposed`), to be granted by a ClusterRole. */
export function accessReviewRules(): PolicyRule[] {
  return [
    { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ];
}

export function classOf(controller: Class | object): Class {
  return typeof controller === 'function' ? (controller as Class) : (controller.constructor as Class);
}

/** Verbs by group and resource. */
class Rights {
  readonly #verbs = new Map<string, Map<string, Set<string>>>();

  addKind({ apiVersion, kind, plural }: { apiVersion: string; kind: string; plural?: string }, verbs: string[]): void {
    this.add(parseApiVersion(apiVersion).group, plural ?? pluralOf(kind), verbs);
  }

  add(group: string, resource: string, verbs: readonly string[]): void {
    const resources = this.#verbs.get(group) ?? new Map<string, Set<string>>();
    this.#verbs.set(group, resources);
    resources.set(resource, new Set([...(resources.get(resource) ?? []), ...verbs]));
  }

  /** One rule for all resources of a group that have the same verbs. */
  rules(): PolicyRule[] {
    const rules: PolicyRule[] = [];
    for (const [group, resources] of this.#verbs) {
      const byVerbs = new Map<string, PolicyRule>();
      for (const [resource, verbs] of resources) {
        const sorted = [...verbs].sort((a, b) => place(a) - place(b));
        const rule = byVerbs.get(sorted.join()) ?? { apiGroups: [group], resources: [], verbs: sorted };
        rule.resources.push(resource);
        byVerbs.set(sorted.join(), rule);
      }
      rules.push(...byVerbs.values());
    }
    return rules;
  }
}

/** Returns the place of a verb. Unknown verbs of `permissions` come last, in the order in which they were added. */
function place(verb: string): number {
  const index = VERBS.indexOf(verb);
  return index < 0 ? VERBS.length : index;
}
