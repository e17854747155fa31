import type { StoredObject } from '../../operator/index.ts';
import {
  activeEnvironment,
  COMPONENTS,
  type ComponentName,
  type ConfigMap,
  type Decision,
  type Deployment,
  type Environment,
  type EnvironmentName,
  type ForecastStatus,
  predictiveScalingOf,
  type RecommendedAmounts,
  type RestAPI,
  verticalScalingOf,
} from '../../resources/index.ts';
import { byComponent } from '../../resources/model/by-component.ts';
import { isOf } from '../../resources/model/labels.ts';
import type { ReleasePlan } from '../blue-green/release-plan.ts';
import { type Learned, recordOf } from './learned.ts';
import type { PredictiveState } from './predictive/index.ts';
import { predictivePlan } from './predictive-plan.ts';
import type { ScalingCondition, ScalingEvent } from './scaling-conditions.ts';
import type { PodResize, Refusal, ResizablePod } from './vertical/index.ts';
import { appliedTo, verticalPlan } from './vertical-plan.ts';

/** The components whose usage of pods, and whose load, is learned. */
export interface ScaledComponents {
  usage: readonly ComponentName[];
  load: readonly ComponentName[];
}

/** What is known of the usage of a RestAPI's pods. */
export interface Usage {
  learned: Learned;
  /** Resizes that the API server refused recently. */
  refused: readonly Refusal[];
  /** Why the metrics are not available. */
  problem?: string;
  /** When the metrics are read next, milliseconds from now. */
  requeueAfterMs: number;
}

/** The objects that scaling is planned from. */
export interface ScalingObjects {
  api: StoredObject<RestAPI>;
  deployments: readonly StoredObject<Deployment>[];
  pods: readonly StoredObject<ResizablePod>[];
  /** The ConfigMap with the learned load. */
  scalingRecord: StoredObject<ConfigMap> | undefined;
}

/** A release decision with scaling applied, with further actions and reports. */
export interface ScalingPlan {
  decision: Decision;
  /** Running pods to resize. */
  resizes: PodResize[];
  recommended: Partial<Record<ComponentName, RecommendedAmounts>>;
  forecasts: Partial<Record<ComponentName, ForecastStatus>>;
  /** Handed to the next forecast. */
  states: Partial<Record<ComponentName, PredictiveState>>;
  conditions: ScalingCondition[];
  events: ScalingEvent[];
  /** When to plan again, milliseconds from now; undefined: nothing depends on usage. */
  requeueAfterMs?: number;
}

/** The components of an environment that scale by usage. */
export function scaledComponents({ api }: Environment): ScaledComponents {
  return {
    usage: COMPONENTS.filter((component) => verticalScalingOf(api, component)),
    load: COMPONENTS.filter((component) => predictiveScalingOf(api, component)),
  };
}

/** The plan where nothing scales by usage. */
export function unscaledPlan({ decision }: ReleasePlan): ScalingPlan {
  return { decision, resizes: [], recommended: {}, forecasts: {}, states: {}, conditions: [], events: [] };
}

/** Plans the requests and minimum replicas of pods. Pure. */
export function planScaling(objects: ScalingObjects, release: ReleasePlan, usage: Usage, now: Date): ScalingPlan {
  const { api, scalingRecord } = objects;
  const { learned, problem, refused, requeueAfterMs } = usage;
  const { decision, switches, upToDate, status } = release;
  const active = activeEnvironment(decision);
  const reported = new Map(api.status?.components?.map((one) => [one.name, one]));
  const vertical = verticalPlan({
    active,
    deployments: byComponent((component) => findDeployment(objects, component, active.name)),
    pods: objects.pods,
    learned,
    idle: upToDate && !switches && status.release === undefined,
    told: byComponent((component) => reported.get(component)?.recommended),
    refused,
    problem,
  });
  const predictive = predictivePlan(
    active,
    learned,
    byComponent((component) => reported.get(component)?.scaling?.forecast),
    now,
    problem,
  );
  return {
    decision: {
      ...decision,
      environments: decision.environments.map((environment) => withRequests(environment, objects, release, vertical)),
      minReplicas: predictive.minReplicas,
      learned: recordOf(scalingRecord?.data, withStates(learned, predictive.states), scaledComponents(active), now),
    },
    resizes: vertical.resizes,
    recommended: vertical.recommended,
    forecasts: predictive.statuses,
    states: predictive.states,
    conditions: [...vertical.conditions, ...predictive.conditions],
    events: vertical.events,
    requeueAfterMs,
  };
}

/** A release starts with the requests of the environment it replaces; one kept for a rollback stays unchanged. */
function withRequests(
  environment: Environment,
  objects: ScalingObjects,
  { decision, status }: ReleasePlan,
  vertical: { requests: NonNullable<Environment['requests']> },
): Environment {
  const isActive = environment === activeEnvironment(decision);
  const isReleased =
    status.release !== undefined && status.release.phase !== 'Queued' && environment.name === decision.preview;
  const requests =
    isActive || isReleased
      ? vertical.requests
      : byComponent((component) => appliedTo(findDeployment(objects, component, environment.name)));
  return Object.keys(requests).length > 0 ? { ...environment, requests } : environment;
}

function withStates(learned: Learned, states: ScalingPlan['states']): Learned {
  return byComponent((component) => {
    const one = learned[component];
    const state = states[component];
    return one && state ? { ...one, state } : one;
  });
}

function findDeployment(
  { deployments }: ScalingObjects,
  component: ComponentName,
  environment: EnvironmentName,
): StoredObject<Deployment> | undefined {
  return deployments.find((deployment) => isOf(deployment, component, environment));
}
