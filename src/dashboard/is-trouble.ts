import type { Condition } from '../../operator/index.ts';

/** Conditions that need attention while they are True. */
const BAD = [
  'Aborted',
  'ConfigurationLost',
  'HealingHeld',
  'NameConflict',
  'PreviewFailed',
  'ReferenceNotFound',
  'ScalingLimited',
];
/** Conditions that need attention while they are False. */
const GOOD = ['ScalingActive'];
/** Reasons that stop scaling and need attention. Learning is not one of them. */
const REASONS = ['MetricsMissing', 'MissingRequests', 'ResizeRefused'];
const SCALING = ['VerticalScaling', 'PredictiveScaling'];

/** Whether a condition needs a person's attention. A rollout or deletion in progress does not. */
export function isTrouble({ type, status, reason }: Condition, phase: string | undefined): boolean {
  if (type === 'Ready') return status === 'False' && phase !== 'Progressing' && phase !== 'Deleting';
  if (SCALING.includes(type)) return REASONS.includes(reason);
  return (BAD.includes(type) && status === 'True') || (GOOD.includes(type) && status === 'False');
}
