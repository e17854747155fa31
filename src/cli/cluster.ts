import { ApiClient, isNotFound } from '../../operator/index.ts';
import { loadContext } from '../cluster/load-context.ts';
import { crdPath } from '../cluster/restapi-crd.ts';
import { VERSION } from '../package/version.ts';
import type { FlagValues } from './flags.ts';

/** Differs from the operator's, so that the operator does not remove these fields. */
export const FIELD_MANAGER = 'kubectl-restapi';

/** The cluster that a verb works on. */
export interface Cluster {
  client: ApiClient;
  /** The namespace of objects that name none. */
  namespace: string;
}

/** Connects to the cluster that the flags name, chosen as by kubectl. @throws Error for the user if there is none */
export function connect({ context, kubeconfig, namespace }: FlagValues): Cluster {
  const kubeConfig = loadContext(context, kubeconfig);
  const client = new ApiClient({ kubeConfig, userAgent: `kubectl-restapi/${VERSION}` });
  const current = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  return { client, namespace: namespace ?? (current?.namespace || 'default') };
}

/** Replaces an error of the API server where a clearer one exists. */
export function explain(error: unknown): unknown {
  // Without a name the kind is missing, not an object.
  if (!isNotFound(error) || error.details.name || !error.path.startsWith('/apis/restapi.dev/')) return error;
  return new Error(`the cluster does not serve RestAPIs. Install the CRD: kubectl apply --server-side -f ${crdPath()}`);
}
