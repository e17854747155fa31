import { ApiError, isNotFound, type ReconcileContext, type StoredObject } from '../../operator/index.ts';
import { activeEnvironment, type ComponentName, type RestAPI, SCALING_SAVED_AT } from '../../resources/index.ts';
import { isOf, NAME_LABEL } from '../../resources/model/labels.ts';
import type { ReleasePlan } from '../blue-green/release-plan.ts';
import type { ServiceRoute } from '../services/service-route.ts';
import { type Learned, type LearnedComponent, learn, learnedOf, merged } from './learned.ts';
import { PastLoads } from './past-loads.ts';
import {
  planScaling,
  type ScaledComponents,
  type ScalingObjects,
  type ScalingPlan,
  scaledComponents,
  type Usage,
  unscaledPlan,
} from './plan-scaling.ts';
import { killsOf, type PodMetrics, useOf } from './pod-use.ts';
import { UsageReader } from './usage-reader.ts';
import type { PodResize, Refusal, ResizablePod } from './vertical/index.ts';

/** Interval between two reads of pod metrics, in ms: metrics-server measures every 15 to 60 s. */
const READ_EVERY_MS = 60_000;

/** A resize that the API server refused is not retried for this long, in ms. */
const REFUSED_FOR_MS = 10 * 60_000;

export interface ScalerOptions {
  /** Interval between two reads of pod metrics, in ms. Default: a minute. */
  lookEveryMs?: number;
  /** Prometheus server with the load of the past, such as `http://prometheus.monitoring:9090`. Default: none. */
  prometheusUrl?: string;
  /** How a Prometheus in the cluster is reached. Default: as for checks. */
  route?: ServiceRoute;
}

interface Refused extends Refusal {
  until: number;
  /** Identifies the pod and its resources; the refusal does not hold for others. */
  of: string;
}

/**
 * Scales the requests of pods by their usage, and the minimum replicas by forecasts. The learned load is stored in a
 * ConfigMap; what was learned since that was written is kept here, and is lost with the process.
 */
export class Scaler {
  readonly #reader: UsageReader;
  readonly #pastLoads: PastLoads;
  /** By uid of the RestAPI: the learned load, and the time of the record it was last merged with. */
  readonly #memories = new Map<string, { learned: Learned; savedAt?: string }>();
  readonly #refused = new Map<string, Refused[]>();

  /** @throws Error if the Prometheus URL is invalid */
  constructor({ lookEveryMs = READ_EVERY_MS, prometheusUrl, route }: ScalerOptions = {}) {
    this.#reader = new UsageReader(lookEveryMs);
    this.#pastLoads = new PastLoads(prometheusUrl, route);
  }

  /** Plans the scaling of a RestAPI's pods from what is known of their usage, on top of its release plan. */
  plan(context: ReconcileContext<RestAPI>, objects: ScalingObjects, release: ReleasePlan): ScalingPlan {
    const { uid } = objects.api.metadata;
    const { usage, load } = scaledComponents(activeEnvironment(release.decision));
    if (usage.length + load.length === 0) {
      this.forget(uid);
      return unscaledPlan(release);
    }
    const observed = this.#observeUsage(context, objects, release, { usage, load });
    const plan = planScaling(objects, release, observed, new Date());
    this.#remember(uid, plan);
    for (const event of plan.events) context.event(event);
    return plan;
  }

  /** Starts a read of the metrics if it is time, and learns from what the last one returned. */
  #observeUsage(
    context: ReconcileContext<RestAPI>,
    { api, pods, scalingRecord }: ScalingObjects,
    { decision }: ReleasePlan,
    { usage, load }: ScaledComponents,
  ): Usage {
    const { uid, name } = api.metadata;
    const requeueAfterMs = this.#reader.refresh(
      uid,
      () => context.listLive<PodMetrics>(POD_METRICS, `${NAME_LABEL}=${name}`),
      context.requeue,
    );
    const { metrics = [], problem } = this.#reader.last(uid) ?? {};
    const environment = activeEnvironment(decision).name;
    const memory = this.#memories.get(uid) ?? { learned: {} };
    this.#memories.set(uid, memory);
    const { learned } = memory;
    // Another operator may have written the record in between.
    const isNewRecord = memory.savedAt !== scalingRecord?.data[SCALING_SAVED_AT];
    for (const component of new Set([...usage, ...load])) {
      const own = learned[component];
      const before = !own || isNewRecord ? merged(own, readRecord(context, scalingRecord, component)) : own;
      if (!own && load.includes(component)) this.#pastLoads.fill(context, component, before.load);
      const ofComponent = pods.filter((pod) => isOf(pod, component, environment));
      learned[component] = learn(before, useOf(metrics, component, ofComponent), killsOf(ofComponent, component));
    }
    return { learned, refused: this.#refusedOf(uid, pods), problem, requeueAfterMs };
  }

  /** Keeps what the next plan needs of this one. */
  #remember(uid: string, { states, decision }: ScalingPlan): void {
    const memory = this.#memories.get(uid);
    if (!memory) return;
    memory.savedAt = decision.learned?.[SCALING_SAVED_AT];
    for (const [component, state] of Object.entries(states)) {
      const learned = memory.learned[component as ComponentName];
      if (learned) learned.state = state;
    }
  }

  /** Resizes running pods. The next plan reports what the API server refuses. */
  async resize(
    context: ReconcileContext<RestAPI>,
    { api, pods }: ScalingObjects,
    resizes: readonly PodResize[],
  ): Promise<void> {
    const { uid } = api.metadata;
    for (const { name, patch } of resizes) {
      try {
        await context.patchWatched('Pod', name, patch, 'resize');
      } catch (error) {
        // A server error is not a refusal.
        if (!(error instanceof ApiError) || error.status >= 500) throw error;
        const pod = pods.find(({ metadata }) => metadata.name === name);
        // Deleted meanwhile.
        if (!pod || isNotFound(error)) continue;
        const { message } = error;
        const refused = {
          pod: name,
          reason: 'Error',
          message,
          until: Date.now() + REFUSED_FOR_MS,
          of: stateOf(pod),
        } as const;
        this.#refused.set(uid, [...(this.#refused.get(uid) ?? []), refused]);
        context.requeue();
      }
    }
  }

  /** Forgets a RestAPI that was deleted or no longer scales by usage. */
  forget(uid: string): void {
    this.#reader.forget(uid);
    this.#pastLoads.forget(uid);
    this.#memories.delete(uid);
    this.#refused.delete(uid);
  }

  #refusedOf(uid: string, pods: readonly StoredObject<ResizablePod>[]): Refusal[] {
    const states = new Set(pods.map(stateOf));
    const left = (this.#refused.get(uid) ?? []).filter(({ of, until }) => states.has(of) && until > Date.now());
    this.#refused.set(uid, left);
    return left;
  }
}

/** Reads what the record has on a component. */
function readRecord(
  { logger }: ReconcileContext<RestAPI>,
  record: ScalingObjects['scalingRecord'],
  component: ComponentName,
): LearnedComponent {
  const { learned, problems } = learnedOf(record?.data, component);
  for (const problem of problems) {
    logger.warn('Could not read the scaling record; learning the load again', {
      record: record?.metadata.name,
      problem,
    });
  }
  return learned;
}

function stateOf({ metadata: { uid }, spec }: StoredObject<ResizablePod>): string {
  return `${uid} ${JSON.stringify(spec.containers.map(({ name, resources }) => [name, resources]))}`;
}

/** The plural is irregular: this API calls them pods. */
const POD_METRICS = { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics', plural: 'pods' };
