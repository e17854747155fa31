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
      MostDegraded: 'Most RestAPIs of the namespace, or of most other namespaces, are degraded.',
      ManyActions: 'The healing actions a minute are spent, or it is the turn of other namespaces.',
      SharedCause:
        'Other RestAPIs of the namespace, or of several other namespaces, became unhealthy at the same time, so the revision is not rolled back.',
      NodeUnhealthy:
        'The pods fail on nodes where pods of other RestAPIs fail as well, so the revision is not rolled back.',
      RevisionProven:
        'The revision has served, or was healthy, for so long that it is not the cause, so it is not rolled back.',
      MostComponents: 'Most components of the RestAPI are failing.',
      NotStarting: 'A pod has not started its containers.',
      ...TROUBLES,
    },
  },
} as const satisfies ConditionTable;

export type HealingCondition = ConditionOf<typeof HEALING_CONDITIONS>;
export type HoldReason = HealingCondition['reason'];
