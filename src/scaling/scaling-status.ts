import type { StoredObject } from '../../operator/index.ts';
import { quantityValue } from '../../operator/schema/index.ts';
import type {
  ComponentName,
  HorizontalPodAutoscaler,
  MetricSource,
  ScalingMetricStatus,
  ScalingStatus,
} from '../../resources/index.ts';
import { truncate } from '../workload/truncate.ts';
import type { ScalingActiveReason, ScalingCondition } from './scaling-conditions.ts';

/** Change of a value that is reported: percentage points, or percent of an amount. */
const STEP = 10;

/** The longest quoted message, in characters. */
const QUOTED = 300;

/**
 * The scaling of a component, from its autoscaler. Pure and stable: a value is updated only if it changed by 10 percentage
 * points, or percent of an amount, as load is never constant.
 *
 * @param before the status before
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
    const reported = before?.metrics.find((one) => one.name === name)?.current;
    return { name, ...(current !== undefined && { current: stableValue(reported, current) }), target: target ?? '' };
  });
  return { minReplicas, maxReplicas, metrics };
}

/** The name of a metric and one of its values, such as `70%` or `200m`. */
function read(metric: MetricSource, which: 'target' | 'current') {
  const source = metric.resource ?? metric.pods ?? metric.object ?? metric.external;
  const name = metric.resource?.name ?? source?.metric?.name ?? metric.type;
  const value = source?.[which];
  const share = value?.averageUtilization;
  const text = share === undefined || share === null ? (value?.averageValue ?? value?.value) : `${share}%`;
  return { name, [which]: text } as { name: string; target?: string; current?: string };
}

function stableValue(reported: string | undefined, current: string): string {
  if (reported === undefined || reported.endsWith('%') !== current.endsWith('%')) return current;
  const [old, now] = [numberOf(reported), numberOf(current)];
  const step = current.endsWith('%') ? STEP : (Math.abs(old) * STEP) / 100;
  return Math.abs(now - old) < step ? reported : current;
}

/** Parses `70%` or `200m`. */
export function numberOf(text: string): number {
  return text.endsWith('%') ? Number.parseInt(text, 10) : quantityValue(text);
}

/**
 * Two conditions about autoscaling: ScalingActive (are the required replicas known?) and ScalingLimited (are more required
 * than allowed?). None if nothing is autoscaled.
 */
export function scalingConditions(
  autoscalers: ReadonlyMap<ComponentName, StoredObject<HorizontalPodAutoscaler>>,
): ScalingCondition[] {
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

/** Whether more than maxReplicas is required. Kubernetes also calls an autoscaler limited at its minimum or maximum rate. */
function atMost({ spec, status = {} }: StoredObject<HorizontalPodAutoscaler>): boolean {
  const limited = status.conditions?.find(({ type }) => type === 'ScalingLimited');
  return (
    limited?.status === 'True' && limited.reason === 'TooManyReplicas' && status.desiredReplicas === spec.maxReplicas
  );
}

function inactive(
  component: ComponentName,
  { spec, status = {} }: StoredObject<HorizontalPodAutoscaler>,
): { reason: ScalingActiveReason; message: string } | undefined {
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
  // A reason of Kubernetes.
  return { reason: reason as ScalingActiveReason, message: `${component}: ${message}` };
}
