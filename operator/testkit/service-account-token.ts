import type { AdminApi } from './admin-api.ts';

/** What a token is bound to, and how long it is valid. */
export interface TokenOptions {
  /** The API server takes 600 or more. */
  expirationSeconds: number;
  /** The pod that it is bound to, as those are that the kubelet gives to pods. Default: none. */
  pod?: { name: string; uid: string } | undefined;
}

/**
 * A token of a service account, which must exist (TokenRequest API).
 *
 * @throws ApiStatusError when the API server refuses, for example for lack of the account
 */
export async function requestToken(
  api: AdminApi,
  namespace: string,
  name: string,
  { expirationSeconds, pod }: TokenOptions,
): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`;
  const { status } = (await api.request('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds, ...(pod && { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', ...pod } }) },
  })) as { status: { token: string } };
  return status.token;
}
