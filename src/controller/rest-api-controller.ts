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
  type ResourceEvent,
} from '../../operator/index.ts';
import { plainValues } from '../../operator/log/plain-text.ts';
import { type Decision, RestAPI, type RestAPIStatus, revisionOf, TRAFFIC } from '../../resources/index.ts';
import { NAME_LABEL } from '../../resources/model/labels.ts';
import { sourcesOfVariables } from '../../resources/model/references.ts';
import { withoutAuthor } from '../blue-green/author.ts';
import { observe } from '../blue-green/observe.ts';
import { planRelease } from '../blue-green/plan-release.ts';
import type { PlanOptions } from '../blue-green/release-inputs.ts';
import { RELEASE_FIELDS, type ReleasePlan } from '../blue-green/release-plan.ts';
import { slotOf } from '../blue-green/release-slot.ts';
import type { CheckOptions } from '../checks/check-options.ts';
import { CheckRunner } from '../checks/check-runner.ts';
import { restApiViews } from '../dashboard/rest-api-views.ts';
import { type Healed, Healer } from '../healing/healer.ts';
import { restApiMetrics } from '../metrics/rest-api-metrics.ts';
import { DEFAULT_MAX_RELEASES, ReleaseTurns, SLOT_INDEX } from '../pacing/release-turns.ts';
import type { ScalingPlan } from '../scaling/plan-scaling.ts';
import { Scaler, type ScalerOptions } from '../scaling/scaler.ts';
import { boundedMessages } from './bounded-messages.ts';
import { readConfigMaps } from './config-map-contents.ts';
import { keepFrontServing } from './front-entry.ts';
import { PERMISSIONS, SOURCE_KINDS } from './permissions.ts';
import { deletingStatus, failedStatus, statusOf } from './rest-api-status.ts';
import { retainedVolume } from './retained-volume.ts';
import { scaleFrozen } from './scale-frozen.ts';
import { type SplitResult, splitResult } from './serving-result.ts';
import { readLive, readSnapshot, type Snapshot } from './snapshot.ts';
import { statusEvent } from './status-event.ts';

export interface RestAPIControllerOptions {
  /** Settings of release checks. */
  checks?: CheckOptions;
  /** Settings of vertical and predictive scaling. */
  scaling?: ScalerOptions;
  /** How many releases are in progress at a time, over all RestAPIs; 0: any number. Default: 10. */
  maxReleases?: number;
  /**
   * Whether the API server records who changed a RestAPI, by kustomize/components/release-author. Without it anyone could write
   * that name, so it is not reported. Default false.
   */
  releaseAuthor?: boolean;
  /** Namespaces whose Prometheus may scrape the components; empty: none. Default: `monitoring`. */
  prometheusNamespaces?: readonly string[];
}

/**
 * Reconciles RestAPIs with the objects generated for them. All state is in the cluster, except for running check requests,
 * the load learned since the scaling record was last written, the healing actions of the last minute, and the releases that
 * began with runs whose status the cache does not show yet.
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
      // Slices have the labels of their Service.
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
  indexes: { [SLOT_INDEX]: slotOf },
  metrics: restApiMetrics,
  views: restApiViews,
})
export class RestAPIController {
  readonly #checks: CheckRunner;
  readonly #scaler: Scaler;
  readonly #namespace: string | undefined;
  readonly #prometheusNamespaces: readonly string[] | undefined;
  readonly #planning: PlanningOptions;
  readonly healer = new Healer();
  readonly turns: ReleaseTurns;

  /** @throws Error if the Prometheus URL is invalid */
  constructor({
    checks = {},
    scaling = {},
    maxReleases = DEFAULT_MAX_RELEASES,
    releaseAuthor = false,
    prometheusNamespaces,
  }: RestAPIControllerOptions = {}) {
    this.turns = new ReleaseTurns(maxReleases);
    this.#checks = new CheckRunner(checks);
    this.#scaler = new Scaler({ prometheusUrl: checks.prometheusUrl, route: checks.route, ...scaling });
    this.#namespace = checks.namespace;
    this.#prometheusNamespaces = prometheusNamespaces;
    this.#planning = { checkDelayMs: checks.delayMs, releaseAuthor };
  }

  @OnAdded()
  @OnModified()
  async reconcile(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<ReconcileResult<RestAPIStatus>> {
    const cached = readSnapshot(context, this.#checks.results(context.primary.metadata.uid));
    const snapshot = await readConfigMaps(context, cached);
    const release = await this.#plan(context, snapshot);
    if (release.frozen) {
      await scaleFrozen(context, release.decision.front.environment, snapshot.deployments);
      return report(context, plainValues(failedStatus(context.primary, 'RevisionLost', release.frozen)));
    }
    const scaling = this.#scaler.plan(context, snapshot, release);
    const result = await context.apply(this.#decision(snapshot, scaling));
    const split = splitResult(snapshot.api, release.decision, result);
    const healed = await this.#act(context, snapshot, { release, scaling, split });
    // It quotes text of others, such as messages of pods, and is shown in many places.
    const status = boundedMessages(plainValues(statusOf(snapshot, result, { release, scaling, healed, split })));
    const requeueAfterMs = releaseAdvanced(context.primary.status, status)
      ? 1
      : soonest([release, scaling, healed].map((plan) => plan.requeueAfterMs));
    return {
      ...report(context, status),
      removeAnnotations: release.removeAnnotations,
      ...(requeueAfterMs !== undefined && { requeueAfterMs }),
    };
  }

  /**
   * Plans the release. One that is about to begin asks for its turn; a switch of traffic is planned again from live reads, as a
   * cache may lag behind without a sign.
   */
  async #plan(context: ReconcileContext<RestAPI>, snapshot: Snapshot): Promise<ReleasePlan> {
    const planWith = planner(snapshot, this.#planning);
    const plan = planWith();
    const begins = plan.needsTurn && !plan.frozen;
    if (!begins) this.turns.settled(context.primary);
    const wait = begins ? this.turns.ask(context) : undefined;
    this.turns.wake(context);
    if (wait) return planWith(wait);
    return plan.switches ? planner(await readLive(context, snapshot), this.#planning)() : plan;
  }

  #decision(snapshot: Snapshot, scaling: ScalingPlan): Decision {
    const { api, claim } = snapshot;
    const decision = keepFrontServing(api, scaling.decision, snapshot);
    return {
      ...decision,
      retainedVolume: retainedVolume(api, decision.environments, claim),
      operatorNamespace: this.#namespace,
      prometheusNamespaces: this.#prometheusNamespaces,
    };
  }

  /** What is done apart from generated objects: check requests, pod resizes, Events, healing. */
  async #act(
    context: ReconcileContext<RestAPI>,
    snapshot: Snapshot,
    { release, scaling, split }: { release: ReleasePlan; scaling: ScalingPlan; split: SplitResult },
  ): Promise<Healed> {
    // After the writes: the network policy lets the requests in.
    this.#checks.run(snapshot.api.metadata.uid, release.attempts, context.client, context.requeue);
    await this.#scaler.resize(context, snapshot, scaling.resizes);
    for (const event of release.events) context.event(event);
    return this.#heal(context, snapshot, release, split);
  }

  /** Healing waits while generated objects that serve could not be applied. */
  async #heal(
    context: ReconcileContext<RestAPI>,
    snapshot: Snapshot,
    release: ReleasePlan,
    { serving: { failures, conflicts, unavailable } }: SplitResult,
  ): Promise<Healed> {
    if ([failures, conflicts, unavailable].some((problems) => problems.length > 0)) {
      const { healing } = snapshot.api.status ?? {};
      return { status: healing ? { healing } : {}, conditions: [] };
    }
    return this.healer.heal(context, snapshot, release);
  }

  @OnInvalid()
  async refuse(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<ReconcileResult<RestAPIStatus>> {
    this.#checks.run(context.primary.metadata.uid, [], context.client, context.requeue);
    this.#freeSlot(context);
    return report(context, plainValues(failedStatus(context.primary, 'InvalidSpec', describeErrors(context.errors))));
  }

  @OnDeleted()
  async cleanUp(_event: ResourceEvent, context: ReconcileContext<RestAPI>): Promise<ReconcileResult<RestAPIStatus>> {
    const { uid } = context.primary.metadata;
    this.#checks.run(uid, [], context.client, context.requeue);
    this.#scaler.forget(uid);
    this.#freeSlot(context);
    const left = await context.deleteDependents();
    if (left === 0) this.healer.forget(context.primary);
    return { keepFinalizer: left > 0, status: deletingStatus(context.primary) };
  }

  /** What is deleted or invalid releases nothing. */
  #freeSlot(context: ReconcileContext<RestAPI>): void {
    this.turns.settled(context.primary);
    this.turns.wake(context);
  }
}

interface PlanningOptions extends PlanOptions {
  /** As in RestAPIControllerOptions. */
  releaseAuthor: boolean;
}

/** Returns a function that plans the release of what was observed. */
function planner(
  snapshot: Snapshot,
  { releaseAuthor, ...options }: PlanningOptions,
): (wait?: PlanOptions['wait']) => ReleasePlan {
  const api = releaseAuthor ? snapshot.api : withoutAuthor(snapshot.api);
  const observed = observe(api, snapshot);
  const requested = revisionOf(api, observed.contents, observed.revisions, observed.front?.revision);
  return (wait) => planRelease(api, requested, observed, new Date(), { ...options, wait });
}

/** Whether the stored status lets the release take its next step at once: plans are made from stored state only. */
function releaseAdvanced(before: RestAPIStatus | undefined, after: RestAPIStatus): boolean {
  return RELEASE_FIELDS.some((field) => hashOf(before?.[field]) !== hashOf(after[field]));
}

function soonest(waits: readonly (number | undefined)[]): number | undefined {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function report(context: ReconcileContext<RestAPI>, status: RestAPIStatus): ReconcileResult<RestAPIStatus> {
  const event = statusEvent(context.primary.status, status);
  if (event) context.event(event);
  return { status };
}
