import type { Condition } from '../../operator/index.ts';

/** Conditions that tell of trouble by being True. */
const BAD = ['Aborted', 'HealingHeld', 'NameConflict', 'ReferenceNotFound', 'ScalingLimited'];
/** Conditions that tell of trouble by being False. */
const GOOD = ['ScalingActive'];
/** Reasons for which scaling does not do what it should: that it is still learning is none. */
const REASONS = ['MetricsMissing', 'MissingRequests', 'ResizeRefused'];
const SCALING = ['VerticalScaling', 'PredictiveScaling'];

/** Whether a person has to do something about what a condition says. What is being rolled out or deleted is no trouble. */
export function isTrouble({ type, status, reason }: Condition, phase: string | undefined): boolean {
  if (type === 'Ready') return status === 'False' && phase !== 'Progressing' && phase !== 'Deleting';
  if (SCALING.includes(type)) return REASONS.includes(reason);
  return (BAD.includes(type) && status === 'True') || (GOOD.includes(type) && status === 'False');
}
