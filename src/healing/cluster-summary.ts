import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { NAME_LABEL } from '../../resources/model/labels.ts';
import { isFailing } from '../blue-green/pod-state.ts';
import { isOwnPod } from '../workload/own-pods.ts';
import type { Pod } from '../workload/pod.ts';
import { nodeIsLost } from '../workload/trouble.ts';
import type { StartedAction } from './action-shares.ts';
import { type Episode, episodeOf } from './episode.ts';
import { HEALING_HELD } from './healing-conditions.ts';

/** From this share on, Kubernetes itself no longer evicts pods (--unhealthy-zone-threshold of kube-controller-manager). */
const LOST_SHARE = 0.55;
const LOST_FEWEST = 3;
/** With pods of fewer RestAPIs than this on a node, nothing is concluded about it. */
const FEWEST_ON_NODE = 3;

/** A started action that the cache may not show yet. */
export interface Begun {
  uid: string;
  namespace: string;
  /** RFC 3339. */
  at: string;
}

/** What is seen of all RestAPIs and pods, before it is judged for one of them. */
export interface ClusterSummary {
  /** How many RestAPIs a namespace has, and how many were ready and no longer are. */
  namespaces: ReadonlyMap<string, { restApis: number; degraded: number }>;
  /** So many nodes are unreachable that the network or the cluster must be the cause. */
  nodesLost: boolean;
  /** Nodes that are unreachable, or on which pods of most RestAPIs fail. */
  illNodes: ReadonlySet<string>;
  /** All recorded actions. */
  actions: readonly StartedAction[];
  /** By namespace: since when a RestAPI waits for its turn, milliseconds. */
  waiting: ReadonlyMap<string, number>;
  /** By uid of the RestAPI. */
  episodes: ReadonlyMap<string, { namespace: string; episode: Episode }>;
}

/**
 * Summarizes the state of all RestAPIs and pods. Pure.
 *
 * @param pods with the label of a RestAPI; those that others created do not count
 * @param begun actions started in the last minute; the statuses may have them too
 */
export function summarizeCluster(
  apis: readonly StoredObject<RestAPI>[],
  pods: readonly StoredObject<Pod>[],
  begun: readonly Begun[],
): ClusterSummary {
  const namespaces = new Map<string, { restApis: number; degraded: number }>();
  const waiting = new Map<string, number>();
  const episodes = new Map<string, { namespace: string; episode: Episode }>();
  const actions = new Map(begun.map(({ uid, namespace, at }) => [`${uid} ${at}`, { namespace, at: Date.parse(at) }]));
  for (const { metadata, status } of apis) {
    const { namespace = '', uid } = metadata;
    const { restApis, degraded } = namespaces.get(namespace) ?? { restApis: 0, degraded: 0 };
    const isDegraded = status?.phase === 'Degraded';
    namespaces.set(namespace, { restApis: restApis + 1, degraded: degraded + Number(isDegraded) });
    for (const { at } of status?.healing?.actions ?? []) {
      actions.set(`${uid} ${at}`, { namespace, at: Date.parse(at) });
    }
    const held = status?.conditions?.find(({ type, reason }) => type === HEALING_HELD && reason === 'ManyActions');
    if (held) {
      const since = Date.parse(held.lastTransitionTime ?? '') || 0;
      waiting.set(namespace, Math.min(since, waiting.get(namespace) ?? Number.POSITIVE_INFINITY));
    }
    const episode = episodeOf(status?.healing);
    if (episode) episodes.set(uid, { namespace, episode });
  }
  return { namespaces, ...nodesOf(podsOf(apis, pods)), actions: [...actions.values()], waiting, episodes };
}

/** The pods of RestAPIs: with pods of their own, others could make a node look ill. */
function podsOf(
  apis: readonly StoredObject<RestAPI>[],
  pods: readonly StoredObject<Pod>[],
): readonly StoredObject<Pod>[] {
  const known = new Map(apis.map((api) => [`${api.metadata.namespace}/${api.metadata.name}`, api]));
  return pods.filter((pod) => {
    const api = known.get(restApiOf(pod));
    return api !== undefined && isOwnPod(api, pod);
  });
}

/** Namespace and name of the RestAPI that a pod is labelled with. */
function restApiOf({ metadata: { namespace, labels } }: StoredObject): string {
  return `${namespace}/${labels?.[NAME_LABEL]}`;
}

interface NodeState {
  /** Whether all its pods look as if it were unreachable. */
  isLost: boolean;
  /** The RestAPIs with pods there, and those of them with failing pods. */
  restApis: Set<string>;
  failing: Set<string>;
}

/** Judges nodes by their pods: the operator may not read nodes. */
function nodesOf(pods: readonly StoredObject<Pod>[]): Pick<ClusterSummary, 'nodesLost' | 'illNodes'> {
  const nodes = new Map<string, NodeState>();
  for (const pod of pods) {
    const node = pod.spec?.nodeName;
    if (node === undefined || ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '')) continue;
    const state = nodes.get(node) ?? { isLost: true, restApis: new Set(), failing: new Set() };
    nodes.set(node, state);
    const restApi = restApiOf(pod);
    state.isLost &&= nodeIsLost(pod.status ?? {});
    state.restApis.add(restApi);
    if (isFailing(pod)) state.failing.add(restApi);
  }
  const lost = [...nodes.values()].filter(({ isLost }) => isLost).length;
  const isIll = ({ isLost, restApis, failing }: NodeState) =>
    isLost || (restApis.size >= FEWEST_ON_NODE && failing.size * 2 > restApis.size);
  return {
    nodesLost: lost > 0 && (lost === nodes.size || (lost >= LOST_FEWEST && lost >= LOST_SHARE * nodes.size)),
    illNodes: new Set([...nodes].flatMap(([name, state]) => (isIll(state) ? [name] : []))),
  };
}
