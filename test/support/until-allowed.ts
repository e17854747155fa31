import { ApiClient, type KubernetesObject, type ResourceType, type StoredObject } from '../../operator/index.ts';
import type { ControlPlane } from '../../operator/testkit/index.ts';
import { eventually } from './eventually.ts';

const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const ROLE: ResourceType = { ...RBAC, kind: 'Role', plural: 'roles', namespaced: true };
const ROLE_BINDING: ResourceType = { ...RBAC, kind: 'RoleBinding', plural: 'rolebindings', namespaced: true };
const CLUSTER_ROLE: ResourceType = { ...RBAC, kind: 'ClusterRole', plural: 'clusterroles', namespaced: false };
const CLUSTER_ROLE_BINDING: ResourceType = {
  ...RBAC,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
};
const REVIEW: ResourceType = {
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
};

type Review = KubernetesObject & { spec: AccessReview; status?: { allowed: boolean } };
type Role = StoredObject<KubernetesObject & { rules?: Rule[] }>;
type Binding = StoredObject<
  KubernetesObject & { roleRef: { kind: string; name: string }; subjects?: { name: string; namespace?: string }[] }
>;

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  verbs: string[];
  resourceNames?: string[];
}

/** Who wants to do what. */
export interface AccessReview {
  user: string;
  groups?: string[];
  resourceAttributes: {
    verb: string;
    resource: string;
    group?: string;
    subresource?: string;
    namespace?: string;
    name?: string;
  };
}

/** Waits until the API server allows it: its authorizer hears of roles and bindings by watches, a moment after they were written. */
export async function untilAllowed(cluster: ControlPlane, ...reviews: AccessReview[]): Promise<void> {
  const client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  try {
    for (const review of reviews) await allowed(client, review);
  } finally {
    await client.close();
  }
}

/** Waits until the API server knows every role that is bound to a ServiceAccount. @throws if none is */
export async function untilGranted(cluster: ControlPlane, namespace: string, account: string): Promise<void> {
  const client = new ApiClient({ kubeConfig: cluster.kubeConfig, userAgent: 'test' });
  try {
    const bindings = await Promise.all(
      [ROLE_BINDING, CLUSTER_ROLE_BINDING].map((type) => client.listAll(type, {}, (one) => one as Binding)),
    );
    const own = bindings
      .flatMap(({ items }) => items)
      .filter(({ subjects = [] }) => subjects.some((one) => one.name === account && one.namespace === namespace));
    if (own.length === 0) throw new Error(`no role is bound to the ServiceAccount ${namespace}/${account}`);
    const user = `system:serviceaccount:${namespace}:${account}`;
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
    for (const { metadata, roleRef } of own) {
      const of = metadata.namespace;
      const type = roleRef.kind === 'Role' ? ROLE : CLUSTER_ROLE;
      const role = await client.get<Role>(type, roleRef.kind === 'Role' ? of : undefined, roleRef.name);
      const rule = role.rules?.find(({ resources }) => resources !== undefined);
      if (rule) await allowed(client, { user, groups, resourceAttributes: attributesOf(rule, of) });
    }
  } finally {
    await client.close();
  }
}

/** The first thing that a rule allows. */
function attributesOf(rule: Rule, namespace: string | undefined): AccessReview['resourceAttributes'] {
  const { apiGroups: [group = ''] = [], resources: [named = ''] = [], verbs, resourceNames: [name] = [] } = rule;
  const [resource = '', subresource] = named.split('/');
  return { verb: verbs[0] ?? '', group, resource, subresource, namespace, name };
}

async function allowed(client: ApiClient, spec: AccessReview): Promise<void> {
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
  await eventually(async () => (await client.create<Review>(REVIEW, review)).status?.allowed, {
    everyMs: 20,
    what: `the right ${JSON.stringify(spec)}`,
  });
}
