import type { ConditionOf, ConditionTable } from '../../operator/reconcile/condition-table.ts';
import { TROUBLES } from '../workload/trouble-reasons.ts';

/** Condition with the reason why healing does not act. */
export const HEALING_HELD = 'HealingHeld';

/** The conditions about healing. */
export const HEALING_CONDITIONS = {
  [HEALING_HELD]: {
    meaning: 'Present while pods are stuck and healing does not act.',
    reasons: {
      NotAskedFor: '`spec.healthCheck.healing` enables no action for this failure.',
      OutOfMemory: 'The pods exceed their memory limit, which a new pod does not change.',
      ReleaseUnderWay: 'A release is in progress.',
      RolloutUnderWay: 'A Deployment is rolling out a change that healing did not start.',
      BudgetSpent: '`spec.healthCheck.healing.maxActions` actions within `windowSeconds` did not help.',
      BackingOff: 'The last action has not taken effect yet.',
      NodesLost: 'Too many nodes are unreachable.',
      MostDegraded: 'Most RestAPIs are degraded.',
      ManyActions: 'All RestAPIs together have reached the limit of healing actions a minute.',
      MostComponents: 'Most components of the RestAPI are failing.',
      NotStarting: 'A pod has not started its containers.',
      ...TROUBLES,
    },
  },
} as const satisfies ConditionTable;

export type HealingCondition = ConditionOf<typeof HEALING_CONDITIONS>;
export type HoldReason = HealingCondition['reason'];
