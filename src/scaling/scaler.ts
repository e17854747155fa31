import { Agent } from 'undici';
import {
  ApiError,
  type ConditionInput,
  isNotFound,
  type ReconcileContext,
  type StoredObject,
} from '../../operator/index.ts';
import {
  activeEnvironment,
  COMPONENTS,
  ComponentDeployment,
  type ComponentName,
  type ConfigMap,
  type Decision,
  type EnvironmentName,
  type ForecastStatus,
  predictiveScalingOf,
  type RecommendedAmounts,
  type RestAPI,
  SCALING_SAVED_AT,
  ScalingRecord,
  verticalScalingOf,
} from '../../resources/index.ts';
import { byComponent } from '../../resources/model/by-component.ts';
import { isOf, NAME_LABEL } from '../../resources/model/labels.ts';
import type { Verdict } from '../blue-green/decide.ts';
import { parsePrometheusUrl } from '../prometheus/prometheus-url.ts';
import { type Learned, type LearnedComponent, learn, learnedOf, merged, recordOf } from './learned.ts';
import { pastLoad } from './past-load.ts';
import { killsOf, type PodMetrics, useOf } from './pod-use.ts';
import type { LoadHistory } from './predictive/index.ts';
import { predictivePlan } from './predictive-plan.ts';
import { UsageReader } from './usage-reader.ts';
import type { PodResize, Refusal, ResizablePod } from './vertical/index.ts';
import { appliedTo, verticalPlan } from './vertical-plan.ts';

/** How often what pods use is looked at, in ms: metrics-server measures every 15 to 60 s. */
const LOOK_EVERY_MS = 60_000;

/** A resize that the API server refused is not tried again for so long, in ms. */
const REFUSED_FOR_MS = 10 * 60_000;

export interface ScalerOptions {
  /** How often what pods use is looked at, in ms. Default: a minute. */
  lookEveryMs?: number;
  /** Prometheus server that knows of the load before, such as `http://prometheus.monitoring:9090`. Default: none. */
  prometheusUrl?: string;
}

/** What was decided about the pods of a RestAPI, and is to be told of them. */
export interface ScalingVerdict {
  decision: Decision;
  /** Running pods to resize. */
  resizes: PodResize[];
  recommended: Partial<Record<ComponentName, RecommendedAmounts>>;
  forecasts: Partial<Record<ComponentName, ForecastStatus>>;
  conditions: ConditionInput[];
  /** When to look again, milliseconds from now; undefined: nothing follows the use of pods. */
  requeueAfterMs?: number;
}

interface Refused extends Refusal {
  until: number;
  /** Which pod it was, with which resources: of another one it says nothing. */
  of: string;
}

/**
 * Makes what pods request follow what they use, and the fewest of them what is forecast. What it learned is in a
 * ConfigMap; what came after that was written is held here, and is lost with the process.
 */
export class Scaler {
  readonly #reader: UsageReader;
  readonly #prometheus: URL | undefined;
  readonly #dispatcher = new Agent({ pipelining: 0 });
  /** By uid of the RestAPI: what is known, and when the record was written that it was last put together with. */
  readonly #memories = new Map<string, { learned: Learned; savedAt?: string }>();
  readonly #refused = new Map<string, Refused[]>();

  /** @throws Error if the URL of Prometheus is none */
  constructor({ lookEveryMs = LOOK_EVERY_MS, prometheusUrl }: ScalerOptions = {}) {
    this.#reader = new UsageReader(lookEveryMs);
    this.#prometheus = prometheusUrl === undefined ? undefined : parsePrometheusUrl(prometheusUrl);
  }

  /** Adds to what was decided of a release what follows from the use of its pods. */
  decide(context: ReconcileContext<RestAPI>, { decision, switches, upToDate, status }: Verdict): ScalingVerdict {
    const { primary } = context;
    const { uid, name } = primary.metadata;
    const active = activeEnvironment(decision);
    const usage = COMPONENTS.filter((component) => verticalScalingOf(active.api, component));
    const load = COMPONENTS.filter((component) => predictiveScalingOf(active.api, component));
    const components = COMPONENTS.filter((component) => usage.includes(component) || load.includes(component));
    if (components.length === 0) {
      this.forget(uid);
      return { decision, resizes: [], recommended: {}, forecasts: {}, conditions: [] };
    }
    const requeueAfterMs = this.#reader.look(
      uid,
      () => context.listLive<PodMetrics>(POD_METRICS, `${NAME_LABEL}=${name}`),
      context.requeue,
    );
    const { metrics = [], problem } = this.#reader.last(uid) ?? {};
    const [record] = context.observed(ScalingRecord);
    const pods = context.watched<ResizablePod>('Pod');
    const memory = this.#memories.get(uid) ?? { learned: {} };
    this.#memories.set(uid, memory);
    const { learned } = memory;
    // Another operator may have worked in between.
    const isNews = memory.savedAt !== record?.data[SCALING_SAVED_AT];
    for (const component of components) {
      const own = learned[component];
      const before = !own || isNews ? merged(own, read(context, record, component)) : own;
      if (!own && load.includes(component)) this.#fillFromPrometheus(context, component, before.load);
      const ofComponent = pods.filter((pod) => isOf(pod, component, active.name));
      learned[component] = learn(before, useOf(metrics, component, active.name), killsOf(ofComponent, component));
    }

    const now = new Date();
    const told = new Map(primary.status?.components?.map((one) => [one.name, one]));
    const deployments = context.observed(ComponentDeployment);
    const deploymentOf = (component: ComponentName, environment: EnvironmentName) =>
      deployments.find((deployment) => isOf(deployment, component, environment));
    const vertical = verticalPlan({
      active,
      deployments: byComponent((component) => deploymentOf(component, active.name)),
      pods,
      learned,
      idle: upToDate && !switches && status.release === undefined,
      told: byComponent((component) => told.get(component)?.recommended),
      refused: this.#refusedOf(uid, pods),
      problem,
    });
    const predictive = predictivePlan(
      active,
      learned,
      byComponent((component) => told.get(component)?.scaling?.forecast),
      now,
      problem,
    );
    for (const component of load) {
      const one = learned[component];
      const state = predictive.states[component];
      if (one && state) one.state = state;
    }
    for (const event of vertical.events) context.event(event);
    const kept = recordOf(record?.data, learned, { usage, load }, now);
    memory.savedAt = kept?.[SCALING_SAVED_AT];
    return {
      decision: {
        ...decision,
        environments: decision.environments.map((environment) => {
          // What is being prepared is made as what it is to replace; what is kept to go back to is left as it is.
          const follows = environment === active || (status.release && environment.name === decision.preview);
          const requests = follows
            ? vertical.requests
            : byComponent((component) => appliedTo(deploymentOf(component, environment.name)));
          return Object.keys(requests).length > 0 ? { ...environment, requests } : environment;
        }),
        minReplicas: predictive.minReplicas,
        learned: kept,
      },
      resizes: vertical.resizes,
      recommended: vertical.recommended,
      forecasts: predictive.statuses,
      conditions: [...vertical.conditions, ...predictive.conditions],
      requeueAfterMs,
    };
  }

  /** Resizes running pods. What the API server refuses is told at the next look. */
  async resize(context: ReconcileContext<RestAPI>, resizes: readonly PodResize[]): Promise<void> {
    const { uid } = context.primary.metadata;
    const pods = context.watched<ResizablePod>('Pod');
    for (const { name, patch } of resizes) {
      try {
        await context.patchWatched('Pod', name, patch, 'resize');
      } catch (error) {
        // What it could not do just now is no refusal.
        if (!(error instanceof ApiError) || error.status >= 500) throw error;
        const pod = pods.find(({ metadata }) => metadata.name === name);
        // Gone meanwhile.
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

  /** What nobody looked at, as before the operator was there, is filled in from Prometheus: once, beside the work on the queue. */
  #fillFromPrometheus(context: ReconcileContext<RestAPI>, component: ComponentName, history: LoadHistory): void {
    const { namespace = '', name } = context.primary.metadata;
    if (!this.#prometheus) return;
    void pastLoad(this.#prometheus, this.#dispatcher, { namespace, name, component }, new Date()).then(
      (past) => {
        history.merge(past);
        context.requeue();
      },
      (error: Error) =>
        context.logger.warn('Could not load history from Prometheus; learning from live metrics instead', {
          component,
          reason: error.message,
        }),
    );
  }

  /** Forgets a RestAPI that is gone or no longer follows the use of its pods. */
  forget(uid: string): void {
    this.#reader.forget(uid);
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

/** What the record says of a component. */
function read(
  { logger }: ReconcileContext<RestAPI>,
  record: StoredObject<ConfigMap> | undefined,
  component: ComponentName,
): LearnedComponent {
  const { learned, problems } = learnedOf(record?.data, component);
  for (const trouble of problems) {
    logger.warn('Could not read the scaling record; learning the load again', {
      record: record?.metadata.name,
      trouble,
    });
  }
  return learned;
}

function stateOf({ metadata: { uid }, spec }: StoredObject<ResizablePod>): string {
  return `${uid} ${JSON.stringify(spec.containers.map(({ name, resources }) => [name, resources]))}`;
}

/** Its plural is irregular: the API calls them pods as well. */
const POD_METRICS = { apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics', plural: 'pods' };
