import type { StoredObject } from '../../operator/index.ts';
import { isQuantity, quantityValue } from '../../operator/schema/index.ts';
import type { Amounts } from '../../resources/api/resource-amounts.ts';
import type { VerticalScalingSpec } from '../../resources/api/vertical-scaling-spec.ts';
import {
  type ComponentName,
  type Deployment,
  type Environment,
  REQUESTS,
  type RecommendedAmounts,
  scalingOf,
  targetCpuOf,
  verticalScalingOf,
} from '../../resources/index.ts';
import { enabledComponents } from '../../resources/model/enabled-components.ts';
import { isOf } from '../../resources/model/labels.ts';
import { resized, VERTICAL_RESOURCES, type VerticalResource } from '../../resources/model/resized.ts';
import type { Learned } from './learned.ts';
import type { ScalingCondition, ScalingEvent } from './scaling-conditions.ts';
import {
  type Allowed,
  ANY,
  amountsOf,
  type PodResize,
  type Recommendation,
  type Refusal,
  type ResizablePod,
  recommendation,
  verticalStep,
} from './vertical/index.ts';

/** Smallest change of a recommendation that is reported, as a share. */
const REPORTED_CHANGE = 0.1;

/** This share of a component's pods is resized at once. */
const AT_ONCE = 0.25;

/** What the requests of pods are planned from. */
export interface VerticalCircumstances {
  /** The environment that receives the traffic. */
  active: Environment;
  /** The Deployments of that environment. */
  deployments: Partial<Record<ComponentName, StoredObject<Deployment>>>;
  /** Of all components and environments. */
  pods: readonly StoredObject<ResizablePod>[];
  learned: Learned;
  /** Whether no release is in progress. */
  idle: boolean;
  /** The recommendations in the status. */
  told: Partial<Record<ComponentName, RecommendedAmounts>>;
  /** Resizes that the API server refused recently. */
  refused: readonly Refusal[];
  /** Why the metrics are not available. */
  problem?: string;
}

/** The requests to apply, and what to report about them. */
export interface VerticalPlan {
  /** Requests of the pods of the active environment, instead of those of the spec. */
  requests: NonNullable<Environment['requests']>;
  /** Running pods to resize. */
  resizes: PodResize[];
  recommended: Partial<Record<ComponentName, RecommendedAmounts>>;
  conditions: ScalingCondition[];
  events: ScalingEvent[];
}

/** Plans the requests of the pods of each component. Pure. */
export function verticalPlan(circumstances: VerticalCircumstances): VerticalPlan {
  const { active, deployments, pods, learned, told, problem } = circumstances;
  const plan: VerticalPlan = { requests: {}, resizes: [], recommended: {}, conditions: [], events: [] };
  const found: Finding[] = [];
  for (const component of enabledComponents(active.api)) {
    const vertical = verticalScalingOf(active.api, component);
    if (!vertical) continue;
    const { mode } = vertical;
    const hpaMetrics = metricsOfAutoscaler(active, component);
    const known = learned[component];
    const recommended =
      known && recommendation(known.usage, { cpu: allowed(vertical, 'cpu'), memory: allowed(vertical, 'memory') });
    const text = recommended && stableAmounts(told[component], recommended, hpaMetrics);
    if (text) plan.recommended[component] = text;
    const deployment = deployments[component];
    const applied = mode === 'Rolling' ? appliedTo(deployment, hpaMetrics) : undefined;
    if (applied) plan.requests[component] = applied;
    const own = pods.filter((pod) => isOf(pod, component, active.name));
    const step = verticalStep({
      mode,
      recommendation: recommended,
      container: component,
      template: resized(active.api.spec[component].resources, applied ?? {}),
      // Those that were refused would be refused again.
      pods: own.filter(({ metadata }) => !circumstances.refused.some(({ pod }) => pod === metadata.name)),
      budget: deployment && circumstances.idle ? budget(mode, deployment, own, (known?.usage.oomPeak ?? 0) > 0) : 0,
      hpaMetrics,
    });
    if (step.action === 'Roll') {
      plan.requests[component] = { ...applied, ...step.requests };
      plan.events.push(resizedEvent(`Rolling out ${component} with`, step.requests));
    }
    const due = step.action === 'Resize' ? step.pods : [];
    plan.resizes.push(...due);
    const [first] = due;
    if (first) {
      plan.events.push(resizedEvent(`Resizing ${due.length} pods of ${component} to`, first.resources.requests ?? {}));
    }
    const refused = [
      ...step.refused,
      ...circumstances.refused.filter(({ pod }) => own.some((one) => one.metadata.name === pod)),
    ];
    found.push({
      component,
      isKnown: recommended !== undefined,
      isOurs: hpaMetrics.length < VERTICAL_RESOURCES.length,
      refused,
    });
  }
  if (found.length > 0) plan.conditions.push(conditionOf(found, problem));
  return plan;
}

interface Finding {
  component: ComponentName;
  isKnown: boolean;
  isOurs: boolean;
  refused: Refusal[];
}

function conditionOf(found: readonly Finding[], problem: string | undefined): ScalingCondition {
  const type = 'VerticalScaling';
  if (problem) return { type, status: 'False', reason: 'MetricsMissing', message: problem };
  const refused = found.flatMap(({ component, refused }) => {
    const [first, ...more] = refused;
    const others = more.length > 0 ? ` (and ${more.length} more)` : '';
    return first ? [`${component}: pod ${first.pod} was not resized: ${first.message}${others}`] : [];
  });
  if (refused.length > 0) return { type, status: 'False', reason: 'ResizeRefused', message: refused.join('; ') };
  const ours = found.filter(({ isOurs }) => isOurs);
  if (ours.length === 0) {
    const message = 'Autoscalers scale by CPU and memory utilization, so vertical scaling changes neither';
    return { type, status: 'False', reason: 'BelongsToAutoscaler', message };
  }
  const unknown = ours.filter(({ isKnown }) => !isKnown).map(({ component }) => component);
  return unknown.length > 0
    ? {
        type,
        status: 'Unknown',
        reason: 'NotYetKnown',
        message: `The usage of these components is not known yet: ${unknown.join(', ')}`,
      }
    : { type, status: 'True', reason: 'UseKnown', message: 'Requests are recommended for all components' };
}

/** The resources whose utilization a component's autoscaler scales by. */
function metricsOfAutoscaler({ api }: Environment, component: ComponentName): VerticalResource[] {
  const scaling = scalingOf(api, component);
  if (!scaling) return [];
  const cpu = targetCpuOf(component, scaling) !== undefined;
  const memory = scaling.targetMemoryUtilizationPercentage !== undefined;
  return [...(cpu ? (['cpu'] as const) : []), ...(memory ? (['memory'] as const) : [])];
}

function allowed({ minAllowed, maxAllowed }: VerticalScalingSpec, resource: VerticalResource): Allowed {
  const [min, max] = [minAllowed?.[resource], maxAllowed?.[resource]];
  const most = max === undefined ? ANY[resource].max : quantityValue(max);
  return { min: min === undefined ? Math.min(most, ANY[resource].min) : quantityValue(min), max: most };
}

/** The recommended requests that a Deployment has applied. */
export function appliedTo(
  deployment: StoredObject<Deployment> | undefined,
  untouched: readonly VerticalResource[] = [],
): Amounts | undefined {
  let written: unknown;
  try {
    written = JSON.parse(deployment?.metadata.annotations?.[REQUESTS] ?? '{}');
  } catch {
    // Not written by the operator.
    return undefined;
  }
  const entries = VERTICAL_RESOURCES.flatMap((resource) => {
    const amount = (written as Amounts | null)?.[resource];
    return isQuantity(amount) && !untouched.includes(resource) ? [[resource, amount] as const] : [];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** How many pods may be resized now; for mode Rolling, more than 0 if a rollout may start. */
function budget(
  mode: string,
  { metadata, spec, status = {} }: StoredObject<Deployment>,
  pods: readonly StoredObject<ResizablePod>[],
  killed: boolean,
): number {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const settledDown = observedGeneration >= (metadata.generation ?? 0) && updatedReplicas === replicas;
  if (!settledDown) return 0;
  // A component that fails for another reason than memory does not need a rollout as well.
  if (mode === 'Rolling') return spec.replicas > 0 && (killed || availableReplicas >= spec.replicas) ? 1 : 0;
  const underWay = pods.filter(({ status: { conditions = [] } = {} }) =>
    conditions.some(
      ({ type, status: is, reason }) => type === 'PodResizeInProgress' && is === 'True' && reason !== 'Error',
    ),
  );
  return Math.max(1, Math.floor(pods.length * AT_ONCE)) - underWay.length;
}

function stableAmounts(
  reported: RecommendedAmounts | undefined,
  { cpu, memory }: Recommendation,
  untouched: readonly VerticalResource[],
): RecommendedAmounts | undefined {
  const now = amountsOf({ cpu: cpu.target, memory: memory.target });
  const entries = VERTICAL_RESOURCES.filter((resource) => !untouched.includes(resource)).map((resource) => {
    const [before, amount] = [reported?.[resource], now[resource] as string];
    const near = before !== undefined && Math.abs(quantityValue(amount) / quantityValue(before) - 1) < REPORTED_CHANGE;
    return [resource, near ? before : amount] as const;
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function resizedEvent(what: string, amounts: Amounts): ScalingEvent {
  const words = VERTICAL_RESOURCES.flatMap((resource) =>
    resource in amounts ? [`${resource} ${amounts[resource]}`] : [],
  );
  return {
    type: 'Normal',
    reason: 'Resized',
    action: 'Scale',
    note: `${what} requests of ${words.join(' and ')}, based on the usage of its pods`,
  };
}
