import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import type { Pod } from '../workload/pod.ts';
import { troubleOfPod } from '../workload/trouble.ts';

/** How many actions may be begun in a minute for all RestAPIs together. */
export const ACTIONS_PER_MINUTE = 5;
export const MINUTE_MS = 60_000;

/** Fewer RestAPIs than this say nothing about the cluster. */
const FEWEST = 3;
/** From here on Kubernetes itself no longer evicts pods (--unhealthy-zone-threshold of kube-controller-manager). */
const LOST_SHARE = 0.55;
const LOST_FEWEST = 3;

/** How things stand beyond one RestAPI. */
export interface ClusterHealth {
  /** Most RestAPIs were ready and are no longer: what they have in common is broken. */
  mostDegraded: boolean;
  /** So many nodes do not answer that it is the network or the cluster rather than they. */
  nodesLost: boolean;
  /** Times of the actions of the last minute, milliseconds, the newest last. */
  actions: number[];
}

/** An action that was begun and that the cache may not show yet. */
export interface Begun {
  uid: string;
  /** RFC 3339. */
  at: string;
}

/**
 * Looks at everything the operator sees, before it does something to one RestAPI. Pure.
 *
 * @param pods of all RestAPIs
 * @param begun actions that were begun in the last minute, also such as the RestAPIs show
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

/** Whether a node answers is told by its pods. */
function nodesLost(pods: readonly StoredObject<Pod>[]): boolean {
  const lost = new Map<string, boolean>();
  for (const pod of pods) {
    const node = pod.spec?.nodeName;
    if (node === undefined || ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) continue;
    // The component only counts for words that nobody reads here.
    const isLost = troubleOfPod('model', pod)?.reason === 'NodeLost';
    lost.set(node, (lost.get(node) ?? true) && isLost);
  }
  const count = [...lost.values()].filter(Boolean).length;
  return count > 0 && (count === lost.size || (count >= LOST_FEWEST && count >= LOST_SHARE * lost.size));
}
