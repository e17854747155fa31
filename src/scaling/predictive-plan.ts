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
import type { ScalingCondition } from './scaling-conditions.ts';

/** Change of the forecast error that is reported, in percentage points. */
const STEP = 2;

/** The minimum replicas by forecast, and what to report about them. */
export interface PredictivePlan {
  /** Minimum replicas. */
  minReplicas: Partial<Record<ComponentName, number>>;
  forecasts: Partial<Record<ComponentName, Recommendation>>;
  /** Handed to the next forecast. */
  states: Partial<Record<ComponentName, PredictiveState>>;
  statuses: Partial<Record<ComponentName, ForecastStatus>>;
  conditions: ScalingCondition[];
}

/**
 * Plans the minimum replicas for the forecast load. Pure.
 *
 * @param reported the forecasts in the status
 * @param problem why the metrics are not available
 */
export function predictivePlan(
  { api }: Environment,
  learned: Learned,
  reported: Partial<Record<ComponentName, ForecastStatus>>,
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
    const perReplica = loadPerReplica(api, component);
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
    const errorPercent = stableError(reported[component], forecast);
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
): ScalingCondition | undefined {
  if (unable.length + reasons.length === 0) return undefined;
  const type = 'PredictiveScaling';
  if (problem) return { type, status: 'False', reason: 'MetricsMissing', message: problem };
  if (unable.length > 0) return { type, status: 'False', reason: 'MissingRequests', message: unable.join('; ') };
  const message = reasons.map(({ text }) => text).join('; ');
  if (reasons.every(({ reliable }) => reliable)) return { type, status: 'True', reason: 'ForecastReliable', message };
  const isLearning = reasons.some((one) => one.isLearning && !one.reliable);
  return { type, status: 'False', reason: isLearning ? 'Learning' : 'ForecastNotReliable', message };
}

/** Cores one pod of a component uses at the autoscaler's target; undefined: unknown. */
function loadPerReplica(api: RestAPI, component: ComponentName): number | undefined {
  const scaling = scalingOf(api, component);
  const target = scaling && targetCpuOf(component, scaling);
  const { requests, limits } = api.spec[component].resources;
  const cores = quantityValue(requests?.cpu ?? limits?.cpu ?? 0);
  return target !== undefined && cores > 0 ? (cores * target) / 100 : undefined;
}

function stableError(reported: ForecastStatus | undefined, { error }: Recommendation): number | undefined {
  if (error === undefined || !Number.isFinite(error)) return undefined;
  const percent = error * 100;
  const before = reported?.errorPercent;
  return before !== undefined && Math.abs(percent - before) < STEP ? before : Math.round(percent);
}
