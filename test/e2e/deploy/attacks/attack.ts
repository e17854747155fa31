/** A namespace whose RestAPIs the operator serves in every installation, `apps` of kustomize/components/namespaced. */
export const SERVED = 'apps';
/** Another namespace, which an operator of components/namespaced does not serve. */
export const OTHER = 'bank';
/** A namespace that lists the ServiceAccounts of its RestAPIs. */
export const LISTED = 'listed';

/** One request with the operator's token, as a dry run. */
export interface Attack {
  /** What it does, for the table in docs/explanation/security.md. */
  does: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body?: object | undefined;
  /** Whether the API server accepts it by RBAC alone, with the policies, and with the policies and components/namespaced. */
  accepted: readonly [rbac: boolean, policies: boolean, namespaced: boolean];
  /** Why it remains, or what denies it without the policies. */
  why: string;
}

/** The policy denies it. */
export const DENIED = [true, false, false] as const;
/** RBAC denies it. */
export const NO_RIGHT = [false, false, false] as const;
/** It remains, in the namespaces that are served. */
export const REMAINS = [true, true, true] as const;
/** It remains, unless the operator is limited to other namespaces. */
export const REMAINS_ELSEWHERE = [true, true, false] as const;

const POLICY = 'policy';
const RBAC = 'RBAC';

/** @param accepted as in {@link Attack}; @param why by default what denies it */
export function attack(
  does: string,
  [method, path, body]: readonly [Attack['method'], string, object?],
  accepted: Attack['accepted'] = DENIED,
  why = accepted[0] ? POLICY : RBAC,
): Attack {
  return { does, method, path, body, accepted, why };
}

/** The path of a namespaced resource, or of an object of it. @param group and version; '' is core/v1 */
export function at(group: string, resource: string, name?: string, namespace = SERVED): string {
  const root = group ? `/apis/${group}` : '/api/v1';
  return `${root}/namespaces/${namespace}/${resource}${name ? `/${name}` : ''}`;
}

export const OWNER = {
  apiVersion: 'restapi.dev/v1alpha1',
  kind: 'RestAPI',
  name: 'shop',
  uid: '7f1c1f0e-0000-4000-8000-000000000001',
  controller: true,
};

export const LABELS = { 'app.kubernetes.io/managed-by': 'restapi-operator', 'restapi.dev/name': 'shop' };

/** The metadata of an object as the operator generates it for RestAPI shop. */
export function metadata(name: string, change: object = {}): object {
  return { name, labels: LABELS, ownerReferences: [OWNER], ...change };
}

/** The marks of a generated object, to add to one of another application. */
export const TAKE_OVER = { metadata: { labels: LABELS, ownerReferences: [OWNER] } };
