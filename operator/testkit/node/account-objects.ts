const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/**
 * A service account with rights in the whole cluster, in the order in which to create the objects: path and object.
 *
 * @param role the name of the ClusterRole and its binding
 */
export function accountObjects(
  namespace: string,
  name: string,
  role: string,
  rules: readonly object[],
): [path: string, object: object][] {
  return [
    [`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } }],
    [`${RBAC}/clusterroles`, { metadata: { name: role }, rules }],
    [
      `${RBAC}/clusterrolebindings`,
      {
        metadata: { name: role },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    ],
  ];
}
