import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';

/** The cluster that client-node's loadFromDefault() makes up where it finds no kubeconfig. */
const MADE_UP = { context: 'loaded-context', cluster: 'cluster', user: 'user', server: 'http://localhost:8080' };

/**
 * Checks that a kubeconfig was found. Without this check an operator would keep calling localhost:8080.
 *
 * @throws Error that names the places where client-node searched, and the remedy
 */
export function checkKubeConfig(kubeConfig: KubeConfig, env: NodeJS.ProcessEnv = process.env): void {
  const cluster = kubeConfig.getCurrentCluster();
  const found =
    kubeConfig.getCurrentContext() !== MADE_UP.context ||
    cluster?.name !== MADE_UP.cluster ||
    cluster.server !== MADE_UP.server ||
    kubeConfig.getCurrentUser()?.name !== MADE_UP.user;
  // With KUBECONFIG set client-node reads that file or throws.
  if (found || env.KUBECONFIG) return;
  throw new Error(
    `No kubeconfig found: KUBECONFIG is not set, ${join(env.HOME ?? homedir(), '.kube', 'config')} does not exist, and ` +
      'there is no ServiceAccount token in /var/run/secrets/kubernetes.io/serviceaccount as in a pod. Set KUBECONFIG, ' +
      'or pass the option kubeConfig to the Operator.',
  );
}
