import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { type Share, shareOf } from './action-shares.ts';
import type { ClusterSummary } from './cluster-summary.ts';
import { type Episode, mayShareCause } from './episode.ts';

/** In a namespace with fewer RestAPIs than this, nothing is concluded from their number. */
const FEWEST_REST_APIS = 3;
/** Fewer other namespaces than this hold nothing: one tenant must not block another. */
const FEWEST_NAMESPACES = 2;

/** Signs of an outage beyond one RestAPI, and its share of the actions of all. */
export interface ClusterHealth {
  /** Most RestAPIs of the namespace, or of most other namespaces, were ready and no longer are: a shared cause. */
  mostDegraded: boolean;
  /** So many nodes are unreachable that the network or the cluster must be the cause. */
  nodesLost: boolean;
  /** Nodes that are unreachable, or on which pods of most RestAPIs fail. */
  illNodes: ReadonlySet<string>;
  /**
   * Whether others became unhealthy when this one did, and still are or only just recovered: a RestAPI of the namespace, or
   * RestAPIs of several other namespaces.
   */
  sharedCause: boolean;
  /** Whether the namespace may start an action. */
  share: Share;
}

/**
 * Judges the state of all RestAPIs and pods, before healing acts on one RestAPI. Pure.
 *
 * Each namespace is judged by itself, and others count by namespace, not by RestAPI. So a namespace, however many
 * RestAPIs it has and however ill they are, never holds the restarts or rollbacks of others.
 *
 * @param own the episode of the RestAPI
 */
export function clusterHealthOf(
  { namespaces, nodesLost, illNodes, actions, waiting, episodes }: ClusterSummary,
  { metadata: { namespace = '', uid } }: Pick<StoredObject<RestAPI>, 'metadata'>,
  own: Episode | undefined,
  now: Date,
): ClusterHealth {
  const { restApis, degraded } = namespaces.get(namespace) ?? { restApis: 0, degraded: 0 };
  const others = [...namespaces].filter(([name]) => name !== namespace).map(([, counts]) => counts);
  const degradedOthers = others.filter((counts) => counts.degraded * 2 > counts.restApis).length;
  const isMostOf = (part: number, all: number, fewest: number) => part >= fewest && part * 2 > all;
  const atSameTime = [...episodes].filter(
    ([other, { episode }]) => own !== undefined && other !== uid && mayShareCause(own, episode, now),
  );
  const ill = new Set(atSameTime.map(([, episode]) => episode.namespace));
  return {
    mostDegraded:
      (restApis >= FEWEST_REST_APIS && degraded * 2 > restApis) ||
      isMostOf(degradedOthers, others.length, FEWEST_NAMESPACES),
    nodesLost,
    illNodes,
    sharedCause: ill.has(namespace) || ill.size >= FEWEST_NAMESPACES,
    share: shareOf(namespace, actions, waiting, now.getTime()),
  };
}
