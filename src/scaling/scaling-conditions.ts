import type { EventOf, EventTable } from '../../operator/events/event-table.ts';
import type { ConditionOf, ConditionTable } from '../../operator/reconcile/condition-table.ts';

/** The conditions about scaling. */
export const SCALING_CONDITIONS = {
  ScalingActive: {
    meaning:
      'The required replicas of the autoscaled components are known. Other reasons are those of the HorizontalPodAutoscaler.',
    reasons: {
      LoadKnown: 'True: replica counts follow the load.',
      NotYetKnown: 'Unknown: the load has not been measured yet.',
      MissingRequests: 'False: pods request none of the measured resource, so their utilization is unknown.',
      MetricsMissing: 'False: the metrics API does not deliver usage.',
    },
  },
  ScalingLimited: {
    meaning: 'A component needs more replicas than its limit allows.',
    reasons: {
      AtMaxReplicas: 'True: raise `spec.autoScaling.<component>.maxReplicas`, or give each pod more resources.',
      WithinLimits: 'False: the required replicas are within the limits.',
    },
  },
  PredictiveScaling: {
    meaning: 'Minimum replicas follow the forecast load.',
    reasons: {
      ForecastReliable: 'True: the forecasts of all components are reliable.',
      ForecastNotReliable: 'False: a forecast is not reliable, so the minimum replicas of the spec apply.',
      Learning: 'False: not enough load is known yet for a forecast.',
      MissingRequests: 'False: pods request no CPU, so the load per replica is unknown.',
      MetricsMissing: 'False: usage is not available.',
    },
  },
  VerticalScaling: {
    meaning: 'Requests are recommended for all components with vertical scaling.',
    reasons: {
      UseKnown: 'True: the usage of all components is known.',
      NotYetKnown: 'Unknown: the usage of a component is not known yet.',
      ResizeRefused: 'False: the API server or a node refused to resize a pod.',
      BelongsToAutoscaler: 'False: autoscalers scale by CPU and memory, so vertical scaling changes neither.',
      MetricsMissing: 'False: usage is not available.',
    },
  },
} as const satisfies ConditionTable;

export type ScalingCondition = ConditionOf<typeof SCALING_CONDITIONS>;
export type ScalingActiveReason = Extract<ScalingCondition, { type: 'ScalingActive' }>['reason'];

/** The Events about scaling. */
export const SCALING_EVENTS = {
  Resized: { type: 'Normal', when: 'Vertical scaling changes the requests of pods.' },
} as const satisfies EventTable;

export type ScalingEvent = EventOf<typeof SCALING_EVENTS>;
