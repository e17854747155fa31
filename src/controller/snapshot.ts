import type { ReconcileContext, ResolvedReference, StoredObject } from '../../operator/index.ts';
import {
  CheckJob,
  ComponentDeployment,
  ComponentService,
  type ConfigMap,
  ConfigMapCopies,
  type Deployment,
  FrontService,
  HookJob,
  type PersistentVolumeClaim,
  RepositoryClaim,
  type RestAPI,
  RevisionHistory,
  ScalingRecord,
  TRAFFIC,
} from '../../resources/index.ts';
import { NAME_LABEL } from '../../resources/model/labels.ts';
import type { SourceOfVariables } from '../../resources/model/references.ts';
import type { EndpointSlice } from '../blue-green/endpoints.ts';
import type { Caches } from '../blue-green/observe.ts';
import type { AttemptResults } from '../blue-green/observed.ts';
import type { ResizablePod } from '../scaling/vertical/index.ts';
import { ownPods } from '../workload/own-pods.ts';
import { contentsOfCopies } from './config-map-contents.ts';
import { contentsOf } from './reference-contents.ts';

/**
 * Everything one run reads from the caches, read once: after an await the caches may be newer, and the parts of a run
 * would judge different moments.
 */
export interface Snapshot extends Caches {
  api: StoredObject<RestAPI>;
  /** Created for its Deployments; not those of others with the same labels. */
  pods: readonly StoredObject<ResizablePod>[];
  /** ConfigMaps and Secrets that the components name. */
  sources: readonly ResolvedReference<SourceOfVariables>[];
  /** The volume of the repository. */
  claim: StoredObject<PersistentVolumeClaim> | undefined;
  /** The ConfigMap with the learned load. */
  scalingRecord: StoredObject<ConfigMap> | undefined;
}

/** Reads the caches. @param attemptResults of checks the operator makes itself */
export function readSnapshot(context: ReconcileContext<RestAPI>, attemptResults: AttemptResults): Snapshot {
  const all = context.watched<ResizablePod>('Pod');
  const sources = context.references as readonly ResolvedReference<SourceOfVariables>[];
  return {
    api: context.primary,
    sources,
    contents: contentsOf(sources),
    configMaps: contentsOfCopies(context.observed(ConfigMapCopies)),
    fronts: context.observed(FrontService),
    services: context.observed(ComponentService),
    deployments: context.observed(ComponentDeployment),
    revisions: context.observed(RevisionHistory),
    slices: context.watched<EndpointSlice>('EndpointSlice'),
    jobs: context.observed(CheckJob),
    hookJobs: context.observed(HookJob),
    pods: ownPods(context.primary, all),
    jobPods: all,
    claim: context.observed(RepositoryClaim)[0],
    scalingRecord: context.observed(ScalingRecord)[0],
    attemptResults,
  };
}

/** The snapshot with live Deployments and EndpointSlices, which show whether an environment serves. */
export async function readLive(
  { primary, listLive }: ReconcileContext<RestAPI>,
  snapshot: Snapshot,
): Promise<Snapshot> {
  const { name, uid } = primary.metadata;
  const [deployments, slices] = await Promise.all([
    listLive<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment' }, `${NAME_LABEL}=${name}`),
    listLive<EndpointSlice>(
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
      `${TRAFFIC},${NAME_LABEL}=${name}`,
    ),
  ]);
  const own = deployments.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  return { ...snapshot, deployments: own, slices };
}
