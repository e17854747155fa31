import type { ConditionInput, StoredObject } from '../../operator/index.ts';
import { quantityValue } from '../../operator/schema/index.ts';
import type {
  ComponentName,
  HorizontalPodAutoscaler,
  MetricSource,
  ScalingMetricStatus,
  ScalingStatus,
} from '../../resources/index.ts';
import { truncate } from '../workload/truncate.ts';

/** Percentage points, or percent of an amount, that a number must move by before it is told anew. */
const STEP = 10;

/** The longest text of somebody else that is passed on, in characters. */
const QUOTED = 300;

/**
 * How the number of pods of a component follows its load, as its autoscaler says. Pure, and quiet: load is never quite
 * still, and a number is told anew only when it has moved by 10 percentage points, or percent of an amount.
 *
 * @param before what was told last
 */
export function scalingStatus(
  { spec, status = {} }: StoredObject<HorizontalPodAutoscaler>,
  before: ScalingStatus | undefined,
): ScalingStatus {
  const { minReplicas, maxReplicas } = spec;
  const metrics = spec.metrics.map((metric): ScalingMetricStatus => {
    const { name, target } = read(metric, 'target');
    const found = status.currentMetrics?.find((one) => one.type === metric.type && read(one, 'current').name === name);
    const current = found && read(found, 'current').current;
    const told = before?.metrics.find((one) => one.name === name)?.current;
    return { name, ...(current !== undefined && { current: settled(told, current) }), target: target ?? '' };
  });
  return { minReplicas, maxReplicas, metrics };
}

/** What a metric is called, and its values in words such as `70%` or `200m`. */
function read(metric: MetricSource, which: 'target' | 'current') {
  const source = metric.resource ?? metric.pods ?? metric.object ?? metric.external;
  const name = metric.resource?.name ?? source?.metric?.name ?? metric.type;
  const value = source?.[which];
  const share = value?.averageUtilization;
  const text = share === undefined || share === null ? (value?.averageValue ?? value?.value) : `${share}%`;
  return { name, [which]: text } as { name: string; target?: string; current?: string };
}

function settled(told: string | undefined, current: string): string {
  if (told === undefined || told.endsWith('%') !== current.endsWith('%')) return current;
  const [old, now] = [numberOf(told), numberOf(current)];
  const step = current.endsWith('%') ? STEP : (Math.abs(old) * STEP) / 100;
  return Math.abs(now - old) < step ? told : current;
}

/** The number that is meant by `70%` or `200m`. */
export function numberOf(text: string): number {
  return text.endsWith('%') ? Number.parseInt(text, 10) : quantityValue(text);
}

/**
 * What keeps numbers of pods from following the load, in two conditions: ScalingActive (is it known how many are
 * needed?) and ScalingLimited (are more needed than there may be?). None if nothing is scaled.
 */
export function scalingConditions(
  autoscalers: ReadonlyMap<ComponentName, StoredObject<HorizontalPodAutoscaler>>,
): ConditionInput[] {
  if (autoscalers.size === 0) return [];
  const found = [...autoscalers];
  const troubles = found.flatMap(([component, autoscaler]) => inactive(component, autoscaler) ?? []);
  const unseen = found.some(([, { status }]) => !status?.conditions?.length);
  const limited = found
    .filter(([, autoscaler]) => atMost(autoscaler))
    .map(([component, { spec }]) => {
      const field = `spec.autoScaling.${component}.maxReplicas`;
      return `${component} needs more pods than ${field} (${spec.maxReplicas}) allows`;
    });
  const [trouble] = troubles;
  return [
    trouble
      ? {
          type: 'ScalingActive',
          status: 'False',
          reason: trouble.reason,
          message: troubles.map(({ message }) => message).join('; '),
        }
      : {
          type: 'ScalingActive',
          status: unseen ? 'Unknown' : 'True',
          reason: unseen ? 'NotYetKnown' : 'LoadKnown',
          message: unseen ? 'The load has not been measured yet' : 'Replica counts follow the load',
        },
    limited.length > 0
      ? {
          type: 'ScalingLimited',
          status: 'True',
          reason: 'AtMaxReplicas',
          message: `${limited.join('; ')}: raise it, or give each pod more resources`,
        }
      : {
          type: 'ScalingLimited',
          status: 'False',
          reason: 'WithinLimits',
          message: 'The required replicas are within the limits',
        },
  ];
}

/** Kubernetes also calls an autoscaler limited that needs fewer pods than it has, or grows as fast as it may. */
function atMost({ spec, status = {} }: StoredObject<HorizontalPodAutoscaler>): boolean {
  const limited = status.conditions?.find(({ type }) => type === 'ScalingLimited');
  return (
    limited?.status === 'True' && limited.reason === 'TooManyReplicas' && status.desiredReplicas === spec.maxReplicas
  );
}

function inactive(
  component: ComponentName,
  { spec, status = {} }: StoredObject<HorizontalPodAutoscaler>,
): { reason: string; message: string } | undefined {
  const failed = status.conditions?.find(
    ({ type, status: is, reason }) =>
      (type === 'ScalingActive' || type === 'AbleToScale') && is === 'False' && reason !== 'ScalingDisabled',
  );
  if (!failed) return undefined;
  const { reason = 'Unknown', message = '' } = failed;
  const [, resource] = /missing request for (\w+)/.exec(message) ?? [];
  if (resource) {
    const field = `spec.${component}.resources.requests.${resource}`;
    return {
      reason: 'MissingRequests',
      message: `${component}: its pods request no ${resource}, so its utilization is unknown: set ${field}`,
    };
  }
  const names = spec.metrics.map((metric) => read(metric, 'target').name).join(', ');
  if (/^FailedGet\w*Metric|^FailedGetScale$|^InvalidMetric/.test(reason) && /metric/i.test(reason)) {
    const api =
      reason === 'FailedGetResourceMetric' ? 'metrics.k8s.io: is metrics-server installed?' : 'a metrics adapter';
    return {
      reason: 'MetricsMissing',
      message: `${component}: ${names} usage is not available from ${api} (${truncate(message, QUOTED)})`,
    };
  }
  return { reason, message: `${component}: ${message}` };
}
