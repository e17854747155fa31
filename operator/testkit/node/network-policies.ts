import type { AdminApi } from '../admin-api.ts';
import { requestToken } from '../service-account-token.ts';
import { accountObjects } from './account-objects.ts';
import { POD_CIDR } from './node-config.ts';

const NAMESPACE = 'kube-system';
const NAME = 'kube-network-policies';
const QUEUE = 100;
/** Longer than a cluster of a test lives: the token is not renewed. */
const TOKEN_SECONDS = 86_400;

/** Where client-go looks for the credentials of a pod. kube-network-policies takes no others. */
export const POD_CREDENTIALS = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The arguments of kube-network-policies on a node. */
export function networkPolicyArgs(node: string): string[] {
  return [
    `--hostname-override=${node}`,
    `--nfqueue-id=${QUEUE}`,
    '--metrics-bind-address=127.0.0.1:9080',
    // The node's containerd has no NRI; without it, pods are known when the API server knows their addresses.
    '--disable-nri',
    // Of kernels before 6.12, by rules that need NFT_QUEUE.
    '--netfilter-bug-1766-fix=false',
    // Logs each verdict with the pods and ports it is about.
    '-v=2',
  ];
}

/** Whether kube-network-policies decides about packets, which it does when its caches have synced. @param queues /proc/net/netfilter/nfnetlink_queue */
export function isDeciding(queues: string): boolean {
  return queues.split('\n').some((line) => line.trim().split(/\s+/)[0] === String(QUEUE));
}

/**
 * The command that passes new connections from and to pods to kube-network-policies; may be run again. Its own rules need NFT_QUEUE, which
 * not every kernel has. While it does not run, these connections are dropped.
 */
export function queueConnections(): string[] {
  const rule = (pods: string) =>
    `FORWARD -m conntrack --ctstate NEW ${pods} ${POD_CIDR} -j NFQUEUE --queue-num ${QUEUE}`;
  const ensure = (pods: string) => `{ iptables-nft -C ${rule(pods)} 2>/dev/null || iptables-nft -A ${rule(pods)}; }`;
  return ['sh', '-c', `${ensure('-s')} && ${ensure('-d')}`];
}

/** Creates the account of kube-network-policies, with the rights of its own manifest. */
export async function createPolicyAccount(api: AdminApi): Promise<void> {
  const rules = [
    { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list', 'watch'] },
  ];
  for (const [path, object] of accountObjects(NAMESPACE, NAME, NAME, rules)) await api.request('POST', path, object);
}

/** A token of the account. */
export function policyToken(api: AdminApi): Promise<string> {
  return requestToken(api, NAMESPACE, NAME, { expirationSeconds: TOKEN_SECONDS });
}
