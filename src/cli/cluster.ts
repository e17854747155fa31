import { ApiClient, isNotFound } from '../../operator/index.ts';
import { loadContext } from '../cluster/load-context.ts';
import { crdPath } from '../cluster/restapi-crd.ts';
import { VERSION } from '../package/version.ts';
import type { FlagValues } from './flags.ts';

/** Not the operator's: what it does not describe it leaves alone. */
export const FIELD_MANAGER = 'kubectl-restapi';

/** The cluster that a verb is about. */
export interface Cluster {
  client: ApiClient;
  /** The namespace meant where none is said. */
  namespace: string;
}

/** The cluster that the flags name, as kubectl would choose it. @throws Error in words if there is none */
export function connect({ context, kubeconfig, namespace }: FlagValues): Cluster {
  const kubeConfig = loadContext(context, kubeconfig);
  const client = new ApiClient({ kubeConfig, userAgent: `kubectl-restapi/${VERSION}` });
  const current = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  return { client, namespace: namespace ?? (current?.namespace || 'default') };
}

/** An error that is better told in other words than the API server's. */
export function explained(error: unknown): unknown {
  // Without a name it is not an object that is missing but the kind.
  if (!isNotFound(error) || error.details.name || !error.path.startsWith('/apis/restapi.dev/')) return error;
  return new Error(
    `the cluster does not know RestAPIs: install their CRD, kubectl apply --server-side -f ${crdPath()}`,
  );
}
