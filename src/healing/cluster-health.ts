import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import type { Pod } from '../workload/pod.ts';
import { troubleOfPod } from '../workload/trouble.ts';

/** Limit of actions a minute for all RestAPIs together. */
export const ACTIONS_PER_MINUTE = 5;
export const MINUTE_MS = 60_000;

/** With fewer RestAPIs than this, nothing is concluded about the cluster. */
const FEWEST = 3;
/** From this share on, Kubernetes itself no longer evicts pods (--unhealthy-zone-threshold of kube-controller-manager). */
const LOST_SHARE = 0.55;
const LOST_FEWEST = 3;

/** Signs of an outage beyond one RestAPI. */
export interface ClusterHealth {
  /** Most RestAPIs were ready and no longer are: a shared cause. */
  mostDegraded: boolean;
  /** So many nodes are unreachable that the network or the cluster must be the cause. */
  nodesLost: boolean;
  /** Times of the actions of the last minute, milliseconds, the newest last. */
  actions: number[];
}

/** A started action that the cache may not show yet. */
export interface Begun {
  uid: string;
  /** RFC 3339. */
  at: string;
}

/**
 * Summarizes the state of all RestAPIs and pods, before healing acts on one RestAPI. Pure.
 *
 * @param pods of all RestAPIs
 * @param begun actions started in the last minute; the statuses may have them too
 */
export function clusterHealthOf(
  apis: readonly StoredObject<RestAPI>[],
  pods: readonly StoredObject<Pod>[],
  begun: readonly Begun[],
  now: Date,
): ClusterHealth {
  const degraded = apis.filter(({ status }) => status?.phase === 'Degraded').length;
  const all = [
    ...begun,
    ...apis.flatMap(({ metadata: { uid }, status }) =>
      (status?.healing?.actions ?? []).map(({ at }): Begun => ({ uid, at })),
    ),
  ];
  const distinct = new Map(all.map(({ uid, at }) => [`${uid} ${at}`, Date.parse(at)]));
  return {
    mostDegraded: apis.length >= FEWEST && degraded * 2 > apis.length,
    nodesLost: nodesLost(pods),
    actions: [...distinct.values()].filter((at) => now.getTime() - at < MINUTE_MS).sort((a, b) => a - b),
  };
}

/** Judged by the pods of each node. */
function nodesLost(pods: readonly StoredObject<Pod>[]): boolean {
  const lost = new Map<string, boolean>();
  for (const pod of pods) {
    const node = pod.spec?.nodeName;
    if (node === undefined || ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) continue;
    // The component only changes the message, which is not used here.
    const isLost = troubleOfPod('model', pod)?.reason === 'NodeLost';
    lost.set(node, (lost.get(node) ?? true) && isLost);
  }
  const count = [...lost.values()].filter(Boolean).length;
  return count > 0 && (count === lost.size || (count >= LOST_FEWEST && count >= LOST_SHARE * lost.size));
}
