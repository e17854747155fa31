import { keyOf, type StoredObject } from '../../operator/index.ts';
import type {
  ComponentName,
  EnvironmentStatus,
  HealingRecord,
  ReleaseStatus,
  RestAPI,
  ScalingStatus,
} from '../../resources/index.ts';
import { type ReleaseHold, releaseHolds } from '../blue-green/release-holds.ts';
import { type ComponentRow, ObservedIndex } from '../live-table/component-rows.ts';
import type { Observed } from '../live-table/observed.ts';
import { podState } from '../live-table/pod-state.ts';
import type { Pod } from '../workload/pod.ts';
import { podTrouble } from '../workload/pod-trouble.ts';

/** A RestAPI in short, from its own status. */
export interface Summary {
  namespace: string;
  name: string;
  phase: string;
  replicas: number;
  readyReplicas: number;
  /** Whether the status reflects the latest change. */
  upToDate: boolean;
  createdAt: string;
  conditions: { type: string; status: string; reason: string; message: string; since: string }[];
}

/** A RestAPI with its components, in the format of `-o json`. Contains no values of variables. */
export interface Report extends Summary {
  /** Environments, with blue-green releases. */
  environments?: EnvironmentStatus[];
  /** The release in progress. */
  release?: ReleaseStatus;
  /** What holds the requested version back. */
  holds?: ReleaseHold[];
  /** The last healing action. */
  healing?: HealingRecord;
  components: ComponentReport[];
}

export interface ComponentReport {
  name: ComponentName;
  ready: ComponentRow['ready'];
  /** `name:port` of its Service. */
  service: string;
  image: string;
  /** Autoscaling, if enabled. */
  scaling?: ScalingStatus;
  pods: PodReport[] | 'unknown';
}

export interface PodReport {
  name: string;
  state: string;
  /** Why it is not running, if Kubernetes reports it. */
  trouble?: string;
  restarts: number;
  createdAt: string;
}

/** Reports of the observed RestAPIs, sorted by namespace and name. */
export function reportsOf(observed: Observed): Report[] {
  const index = new ObservedIndex(observed);
  return byKey(observed.restapis).map((api) => ({
    ...summary(api),
    ...withHolds(api),
    ...(api.status?.environments && { environments: api.status.environments }),
    ...(api.status?.release && { release: api.status.release }),
    ...(api.status?.healing?.actions[0] && { healing: api.status.healing.actions[0] }),
    components: index.rowsOf(api).map(({ component, ready, service, image }) => {
      const pods = index.podsOf(api, component);
      const reports = pods === 'unknown' ? pods : [...pods].sort(oldestFirst).map(podReport);
      const scaling = api.status?.components?.find(({ name }) => name === component)?.scaling;
      return { name: component, ready, service, image, ...(scaling && { scaling }), pods: reports };
    }),
  }));
}

/** Summaries of RestAPIs, sorted by namespace and name. */
export function summariesOf(restapis: readonly StoredObject<RestAPI>[]): Summary[] {
  return byKey(restapis).map(summary);
}

function withHolds(api: StoredObject<RestAPI>): { holds?: ReleaseHold[] } {
  const holds = releaseHolds(api);
  return holds.length > 0 ? { holds } : {};
}

function byKey(restapis: readonly StoredObject<RestAPI>[]): StoredObject<RestAPI>[] {
  return [...restapis].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function summary({ metadata, status }: StoredObject<RestAPI>): Summary {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    // The same as in the live table.
    phase: status?.phase ?? 'Pending',
    replicas: status?.replicas ?? 0,
    readyReplicas: status?.readyReplicas ?? 0,
    upToDate: status?.observedGeneration !== undefined && status.observedGeneration === metadata.generation,
    createdAt: metadata.creationTimestamp ?? '',
    conditions: (status?.conditions ?? []).map(({ type, status: is, reason, message, lastTransitionTime }) => ({
      type,
      status: is,
      reason,
      message,
      since: lastTransitionTime,
    })),
  };
}

function podReport(pod: StoredObject<Pod>): PodReport {
  const trouble = podTrouble(pod);
  const counts = (pod.status?.containerStatuses ?? []).map(({ restartCount = 0 }) => restartCount);
  return {
    name: pod.metadata.name,
    state: podState(pod),
    ...(trouble && { trouble }),
    restarts: counts.reduce((sum, count) => sum + count, 0),
    createdAt: pod.metadata.creationTimestamp ?? '',
  };
}

function oldestFirst(a: StoredObject<Pod>, b: StoredObject<Pod>): number {
  const [first, second] = [a, b].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`);
  return String(first).localeCompare(String(second));
}
