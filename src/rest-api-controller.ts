import {
  Controller,
  describeErrors,
  hashOf,
  OnAdded,
  OnDeleted,
  OnInvalid,
  OnModified,
  type ReconcileContext,
  type Reconciled,
  type ResolvedReference,
  type ResourceEvent,
  type StoredObject,
} from '../operator/index.ts';
import {
  ComponentDeployment,
  ComponentService,
  type Decision,
  type Deployment,
  FrontService,
  RepositoryClaim,
  RestAPI,
  type RestAPIStatus,
  RevisionHistory,
  revisionOf,
  TRAFFIC,
} from '../resources/index.ts';
import { ENVIRONMENT, NAME } from '../resources/labels.ts';
import { type SourceOfVariables, sourcesOfVariables } from '../resources/references.ts';
import { decide, RELEASE_FIELDS, type Verdict } from './blue-green/decide.ts';
import { type Caches, type EndpointSlice, observe } from './blue-green/observe.ts';
import type { Pod } from './health/pod.ts';
import { keptStorage } from './kept-storage.ts';
import { missing, referenceHashes } from './reference-hashes.ts';
import { restApiMetrics } from './rest-api-metrics.ts';
import { deletingStatus, failedStatus, statusOf } from './rest-api-status.ts';
import { statusEvent } from './status-event.ts';

/** Routes what happens to RestAPIs to what is generated for them. It keeps no state: all it knows is in the event and the caches. */
@Controller({
  resource: RestAPI,
  finalizer: 'restapi.dev/finalizer',
  references: sourcesOfVariables,
  observes: [
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      // Slices bear the labels of their Service.
      labelSelector: TRAFFIC,
      primaryOf: ({ metadata }) => metadata.labels?.[NAME],
    },
    { apiVersion: 'v1', kind: 'Pod', labelSelector: NAME, primaryOf: ({ metadata }) => metadata.labels?.[NAME] },
  ],
  metrics: restApiMetrics,
})
export class RestAPIController {
  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<Reconciled<RestAPIStatus>> {
    const { primary } = context;
    const sources = context.references as readonly ResolvedReference<SourceOfVariables>[];
    const caches = cachesOf(context);
    let verdict = look(context, sources, caches);
    // Before the one write that matters: a cache may lag behind without knowing it.
    if (verdict.switches) verdict = look(context, sources, await refreshed(context, caches));
    const { environments } = verdict.decision;
    const [claim] = context.observed(RepositoryClaim);
    const result = await context.apply({
      ...verdict.decision,
      keptStorage: keptStorage(primary, environments, claim),
    } satisfies Decision);
    for (const event of verdict.events) context.event(event);
    const status = statusOf(primary, result, verdict, context.observedOf<Pod>('Pod'), missing(sources));
    const requeueAfterMs = movesOn(primary.status, status) ? 1 : verdict.requeueAfterMs;
    return { ...report(context, status), ...(requeueAfterMs !== undefined && { requeueAfterMs }) };
  }

  @OnInvalid()
  async refuse(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<Reconciled<RestAPIStatus>> {
    return report(context, failedStatus(context.primary, 'InvalidSpec', describeErrors(context.errors)));
  }

  @OnDeleted()
  async cleanUp(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<Reconciled<RestAPIStatus>> {
    const left = await context.deleteDependents();
    return { finished: left === 0, status: deletingStatus(context.primary) };
  }
}

function cachesOf(context: ReconcileContext<RestAPI>): Caches {
  return {
    fronts: context.observed(FrontService),
    services: context.observed(ComponentService),
    deployments: context.observed(ComponentDeployment),
    revisions: context.observed(RevisionHistory),
    slices: context.observedOf<EndpointSlice>('EndpointSlice'),
    pods: context.observedOf<Pod>('Pod'),
  };
}

/** The same with what tells whether an environment serves as the API server has it now. */
async function refreshed({ primary, live }: ReconcileContext<RestAPI>, caches: Caches): Promise<Caches> {
  const { name, uid } = primary.metadata;
  const [deployments, slices] = await Promise.all([
    live<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment' }, `${NAME}=${name}`),
    live<EndpointSlice>({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }, `${TRAFFIC},${NAME}=${name}`),
  ]);
  const own = deployments.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  return { ...caches, deployments: own, slices };
}

/** What there is, and what is to be done about it. */
function look(
  { primary }: ReconcileContext<RestAPI>,
  sources: readonly ResolvedReference<SourceOfVariables>[],
  caches: Caches,
): Verdict {
  const { deployments } = caches;
  const observed = observe(primary, caches);
  const active = deployments.filter(({ metadata }) => metadata.labels?.[ENVIRONMENT] === observed.front?.environment);
  return decide(primary, revisionOf(primary, referenceHashes(sources, active)), observed, new Date());
}

/** Whether what was written down lets a release go on at once: decisions are made from what is stored already. */
function movesOn(before: RestAPIStatus | undefined, after: RestAPIStatus): boolean {
  return RELEASE_FIELDS.some((field) => hashOf(before?.[field]) !== hashOf(after[field]));
}

function report(context: ReconcileContext<RestAPI>, status: RestAPIStatus): Reconciled<RestAPIStatus> {
  const event = statusEvent((context.primary as StoredObject<RestAPI>).status, status);
  if (event) context.event(event);
  return { status };
}
