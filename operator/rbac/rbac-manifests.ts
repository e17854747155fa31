import { stringify } from 'yaml';
import { controllerOptionsOf } from '../decorators/controller.ts';
import { type Class, dependentsOf } from '../decorators/dependent-resource.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { customResourceOf } from '../schema/index.ts';
import type { PolicyRule } from './policy-rule.ts';
import { classOf, leaseRules, rbacRules } from './rbac-rules.ts';

/** Whom the RBAC manifests are for. */
export interface RbacOptions {
  /** Name of the operator: of its ServiceAccount, its roles and its Lease. */
  name: string;
  /** Namespace in which the operator runs. */
  namespace: string;
  /** Its controllers: classes decorated with `@Controller`, or objects of them. */
  controllers: readonly (Class | object)[];
  /** `Namespace`: rights in the operator's own namespace only, by a Role. Default `Cluster`: everywhere, by a ClusterRole. */
  scope?: 'Cluster' | 'Namespace';
}

/**
 * Returns what grants an operator its rights: ServiceAccount, ClusterRole and its binding, and a Role with its binding for
 * the Lease of the leader election. With the scope `Namespace` one Role holds all rules.
 *
 * @throws Error as `rbacRules()`; and where the scope is `Namespace` but a controller's resource or dependent is cluster-scoped
 */
export function rbacManifests({ name, namespace, controllers, scope = 'Cluster' }: RbacOptions): KubernetesObject[] {
  const rules = rbacRules(controllers);
  const account: KubernetesObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  if (scope === 'Namespace') {
    refuseClusterScoped(controllers);
    return [account, ...grant('Role', name, namespace, [...rules, ...leaseRules(name)])];
  }
  return [
    account,
    ...grant('ClusterRole', name, namespace, rules),
    ...grant('Role', name, namespace, leaseRules(name)),
  ];
}

/** Returns `rbacManifests()` as YAML documents. @throws Error as `rbacManifests()` */
export function rbacYaml(options: RbacOptions): string {
  return rbacManifests(options)
    .map((manifest) => stringify(manifest, { aliasDuplicateObjects: false, lineWidth: 0, compat: 'yaml-1.1' }))
    .join('---\n');
}

/** A role with these rules and the binding that gives it to the operator's ServiceAccount. */
function grant(kind: 'Role' | 'ClusterRole', name: string, namespace: string, rules: PolicyRule[]): KubernetesObject[] {
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = `${apiGroup}/v1`;
  const metadata = kind === 'Role' ? { name, namespace } : { name };
  const binding = {
    apiVersion,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup, kind, name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  };
  return [{ apiVersion, kind, metadata, rules } as KubernetesObject, binding];
}

function refuseClusterScoped(controllers: RbacOptions['controllers']): void {
  for (const controller of controllers) {
    const { resource } = controllerOptionsOf(classOf(controller));
    const { kind, namespaced } = customResourceOf(resource);
    const kinds = [{ kind, namespaced }, ...dependentsOf(resource)];
    const cluster = kinds.find((kind) => kind.namespaced === false);
    if (cluster) {
      throw new Error(
        `${classOf(controller).name}: ${cluster.kind} is cluster-scoped, which a Role cannot grant: leave out scope: 'Namespace'`,
      );
    }
  }
}
