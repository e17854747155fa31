/** A rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1). */
export interface PolicyRule {
  /** API groups, `''` for the core group. */
  apiGroups: string[];
  /** Lowercase plurals, with a subresource as in `pods/eviction`. */
  resources: string[];
  /** The objects it is limited to. Left out: all. */
  resourceNames?: string[];
  verbs: string[];
}
