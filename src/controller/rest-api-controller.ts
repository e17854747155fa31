import {
  Controller,
  describeErrors,
  hashOf,
  OnAdded,
  OnDeleted,
  OnInvalid,
  OnModified,
  type ReconcileContext,
  type ReconcileResult,
  type ResolvedReference,
  type ResourceEvent,
  type StoredObject,
  type WorkflowResult,
} from '../../operator/index.ts';
import {
  CheckJob,
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
} from '../../resources/index.ts';
import { ENVIRONMENT_LABEL, NAME_LABEL } from '../../resources/model/labels.ts';
import { type SourceOfVariables, sourcesOfVariables } from '../../resources/model/references.ts';
import { decide, RELEASE_FIELDS, type Verdict } from '../blue-green/decide.ts';
import { type Caches, type EndpointSlice, observe } from '../blue-green/observe.ts';
import type { Answers } from '../blue-green/observed.ts';
import type { CheckOptions } from '../checks/check-options.ts';
import { CheckRunner } from '../checks/check-runner.ts';
import { restApiViews } from '../dashboard/rest-api-views.ts';
import { type Healed, Healer } from '../healing/healer.ts';
import { restApiMetrics } from '../metrics/rest-api-metrics.ts';
import { Scaler, type ScalerOptions } from '../scaling/scaler.ts';
import type { Pod } from '../workload/pod.ts';
import { PERMISSIONS, SOURCE_KINDS } from './permissions.ts';
import { missing, referenceHashes } from './reference-hashes.ts';
import { deletingStatus, failedStatus, statusOf } from './rest-api-status.ts';
import { retainedVolume } from './retained-volume.ts';
import { statusEvent } from './status-event.ts';

export interface RestAPIControllerOptions {
  /** How the checks of releases are made. */
  checks?: CheckOptions;
  /** How pods are made to follow what they use. */
  scaling?: ScalerOptions;
}

/**
 * Routes what happens to RestAPIs to what is generated for them. All it knows is in the event and the caches, but for
 * requests of checks that are under way, what was learned of the load since it was last written down, and the healing
 * actions of the last minute.
 */
@Controller({
  resource: RestAPI,
  finalizer: 'restapi.dev/finalizer',
  references: sourcesOfVariables,
  referenceKinds: SOURCE_KINDS,
  permissions: PERMISSIONS,
  watches: [
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      // Slices bear the labels of their Service.
      labelSelector: TRAFFIC,
      toPrimary: ({ metadata }) => metadata.labels?.[NAME_LABEL],
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      labelSelector: NAME_LABEL,
      toPrimary: ({ metadata }) => metadata.labels?.[NAME_LABEL],
    },
  ],
  metrics: restApiMetrics,
  views: restApiViews,
})
export class RestAPIController {
  readonly #checks: CheckRunner;
  readonly #scaler: Scaler;
  readonly #namespace: string | undefined;
  readonly healer = new Healer();

  /** @throws Error if the URL of Prometheus is none */
  constructor({ checks = {}, scaling = {} }: RestAPIControllerOptions = {}) {
    this.#checks = new CheckRunner(checks);
    this.#scaler = new Scaler({ prometheusUrl: checks.prometheusUrl, ...scaling });
    this.#namespace = checks.namespace;
  }

  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<ReconcileResult<RestAPIStatus>> {
    const { primary } = context;
    const sources = context.references as readonly ResolvedReference<SourceOfVariables>[];
    const { uid } = primary.metadata;
    const caches = cachesOf(context, this.#checks.answers(uid));
    let verdict = look(context, sources, caches);
    // Before the one write that matters: a cache may lag behind without knowing it.
    if (verdict.switches) verdict = look(context, sources, await refreshed(context, caches));
    const scaling = this.#scaler.decide(context, verdict);
    const { environments } = scaling.decision;
    const [claim] = context.observed(RepositoryClaim);
    const result = await context.apply({
      ...scaling.decision,
      retainedVolume: retainedVolume(primary, environments, claim),
      operatorNamespace: this.#namespace,
    } satisfies Decision);
    // After the writes: the network policy lets the requests in.
    this.#checks.run(uid, verdict.attempts, context.requeue);
    await this.#scaler.resize(context, scaling.resizes);
    for (const event of verdict.events) context.event(event);
    const healed = await this.#heal(context, verdict, result, caches.deployments);
    const told = { ...verdict, conditions: [...verdict.conditions, ...healed.conditions] };
    const pods = context.watched<Pod>('Pod');
    const status = { ...statusOf(primary, result, told, pods, missing(sources), scaling), ...healed.status };
    const waits = [verdict, scaling, healed].flatMap(({ requeueAfterMs }) => requeueAfterMs ?? []);
    const soonest = waits.length > 0 ? Math.min(...waits) : undefined;
    const requeueAfterMs = releaseAdvanced(primary.status, status) ? 1 : soonest;
    return {
      ...report(context, status),
      removeAnnotations: verdict.removeAnnotations,
      ...(requeueAfterMs !== undefined && { requeueAfterMs }),
    };
  }

  /** Nothing is healed while what should be there could not be made. */
  async #heal(
    context: ReconcileContext<RestAPI>,
    verdict: Verdict,
    { failures, conflicts, unavailable }: WorkflowResult,
    deployments: readonly StoredObject<Deployment>[],
  ): Promise<Healed> {
    if ([failures, conflicts, unavailable].some((troubles) => troubles.length > 0)) {
      const { healing } = context.primary.status ?? {};
      return { status: healing ? { healing } : {}, conditions: [] };
    }
    return this.healer.look(context, verdict, deployments);
  }

  @OnInvalid()
  async refuse(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<ReconcileResult<RestAPIStatus>> {
    this.#checks.run(context.primary.metadata.uid, [], context.requeue);
    return report(context, failedStatus(context.primary, 'InvalidSpec', describeErrors(context.errors)));
  }

  @OnDeleted()
  async cleanUp(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<ReconcileResult<RestAPIStatus>> {
    const { uid } = context.primary.metadata;
    this.#checks.run(uid, [], context.requeue);
    this.#scaler.forget(uid);
    const left = await context.deleteDependents();
    if (left === 0) this.healer.forget(context.primary);
    return { keepFinalizer: left > 0, status: deletingStatus(context.primary) };
  }
}

function cachesOf(context: ReconcileContext<RestAPI>, answers: Answers): Caches {
  return {
    fronts: context.observed(FrontService),
    services: context.observed(ComponentService),
    deployments: context.observed(ComponentDeployment),
    revisions: context.observed(RevisionHistory),
    slices: context.watched<EndpointSlice>('EndpointSlice'),
    jobs: context.observed(CheckJob),
    answers,
    pods: context.watched<Pod>('Pod'),
  };
}

/** The same with what tells whether an environment serves as the API server has it now. */
async function refreshed({ primary, listLive }: ReconcileContext<RestAPI>, caches: Caches): Promise<Caches> {
  const { name, uid } = primary.metadata;
  const [deployments, slices] = await Promise.all([
    listLive<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment' }, `${NAME_LABEL}=${name}`),
    listLive<EndpointSlice>(
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
      `${TRAFFIC},${NAME_LABEL}=${name}`,
    ),
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
  const active = deployments.filter(
    ({ metadata }) => metadata.labels?.[ENVIRONMENT_LABEL] === observed.front?.environment,
  );
  return decide(primary, revisionOf(primary, referenceHashes(sources, active)), observed, new Date());
}

/** Whether what was written down lets a release go on at once: decisions are made from what is stored already. */
function releaseAdvanced(before: RestAPIStatus | undefined, after: RestAPIStatus): boolean {
  return RELEASE_FIELDS.some((field) => hashOf(before?.[field]) !== hashOf(after[field]));
}

function report(context: ReconcileContext<RestAPI>, status: RestAPIStatus): ReconcileResult<RestAPIStatus> {
  const event = statusEvent((context.primary as StoredObject<RestAPI>).status, status);
  if (event) context.event(event);
  return { status };
}
