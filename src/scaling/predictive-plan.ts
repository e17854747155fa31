import type { ConditionInput } from '../../operator/index.ts';
import { quantityValue } from '../../operator/schema/index.ts';
import {
  type ComponentName,
  type Environment,
  type ForecastStatus,
  predictiveScalingOf,
  type RestAPI,
  scalingOf,
  targetCpuOf,
} from '../../resources/index.ts';
import { enabledComponents } from '../../resources/model/enabled-components.ts';
import type { Learned } from './learned.ts';
import { type PredictiveState, type Recommendation, recommend } from './predictive/index.ts';

/** Percentage points that the error of forecasts must move by before it is told anew. */
const STEP = 2;

/** What is to be done about minReplicas, and told of it. */
export interface PredictivePlan {
  /** Fewest pods. */
  minReplicas: Partial<Record<ComponentName, number>>;
  forecasts: Partial<Record<ComponentName, Recommendation>>;
  /** What the next decision is to be handed. */
  states: Partial<Record<ComponentName, PredictiveState>>;
  statuses: Partial<Record<ComponentName, ForecastStatus>>;
  conditions: ConditionInput[];
}

/**
 * Decides how many pods there have to be for the load that is to come. Pure.
 *
 * @param told what was told last
 * @param problem why it is not known what pods use
 */
export function predictivePlan(
  { api }: Environment,
  learned: Learned,
  told: Partial<Record<ComponentName, ForecastStatus>>,
  now: Date,
  problem?: string,
): PredictivePlan {
  const plan: PredictivePlan = { minReplicas: {}, forecasts: {}, states: {}, statuses: {}, conditions: [] };
  const unable: string[] = [];
  const reasons: { reliable: boolean; isLearning: boolean; text: string }[] = [];
  for (const component of enabledComponents(api)) {
    const predictive = predictiveScalingOf(api, component);
    const scaling = scalingOf(api, component);
    if (!predictive || !scaling) continue;
    const perReplica = carries(api, component);
    if (!perReplica) {
      unable.push(
        `${component}: its pods request no CPU, so the load per pod is unknown: set spec.${component}.resources.requests.cpu`,
      );
      continue;
    }
    const known = learned[component];
    if (!known) continue;
    const { minReplicas: min, maxReplicas: max } = scaling;
    const { horizonMinutes } = predictive;
    const forecast = recommend({
      history: known.load,
      now: now.getTime(),
      horizonMinutes,
      perReplica,
      min,
      max,
      state: known.state,
    });
    plan.minReplicas[component] = forecast.minReplicas;
    plan.forecasts[component] = forecast;
    plan.states[component] = forecast.state;
    const errorPercent = settled(told[component], forecast);
    plan.statuses[component] = {
      reliable: forecast.reliable,
      minReplicas: forecast.minReplicas,
      ...(errorPercent !== undefined && { errorPercent }),
    };
    reasons.push({
      reliable: forecast.reliable,
      isLearning: errorPercent === undefined,
      text: `${component}: ${
        errorPercent === undefined
          ? forecast.reason
          : `forecasts ${horizonMinutes} minutes ahead were off by about ${errorPercent} % of the load${
              forecast.reliable ? '' : ', not enough better than a naive forecast, so minReplicas is that of the spec'
            }`
      }`,
    });
  }
  const condition = conditionOf(unable, reasons, problem);
  if (condition) plan.conditions.push(condition);
  return plan;
}

function conditionOf(
  unable: readonly string[],
  reasons: readonly { reliable: boolean; isLearning: boolean; text: string }[],
  problem: string | undefined,
): ConditionInput | undefined {
  if (unable.length + reasons.length === 0) return undefined;
  const type = 'PredictiveScaling';
  if (problem) return { type, status: 'False', reason: 'MetricsMissing', message: problem };
  if (unable.length > 0) return { type, status: 'False', reason: 'MissingRequests', message: unable.join('; ') };
  const message = reasons.map(({ text }) => text).join('; ');
  if (reasons.every(({ reliable }) => reliable)) return { type, status: 'True', reason: 'ForecastReliable', message };
  const isLearning = reasons.some((one) => one.isLearning && !one.reliable);
  return { type, status: 'False', reason: isLearning ? 'Learning' : 'ForecastNotReliable', message };
}

/** Cores that one pod of a component uses when it is used as its autoscaler wants it; undefined: nobody knows. */
function carries(api: RestAPI, component: ComponentName): number | undefined {
  const scaling = scalingOf(api, component);
  const target = scaling && targetCpuOf(component, scaling);
  const { requests, limits } = api.spec[component].resources;
  const cores = quantityValue(requests?.cpu ?? limits?.cpu ?? 0);
  return target !== undefined && cores > 0 ? (cores * target) / 100 : undefined;
}

function settled(told: ForecastStatus | undefined, { error }: Recommendation): number | undefined {
  if (error === undefined || !Number.isFinite(error)) return undefined;
  const percent = error * 100;
  const before = told?.errorPercent;
  return before !== undefined && Math.abs(percent - before) < STEP ? before : Math.round(percent);
}
