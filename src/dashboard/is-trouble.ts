import type { Condition } from '../../operator/index.ts';

/** Conditions that tell of trouble by being True. */
const BAD = ['Aborted', 'NameConflict', 'ReferenceNotFound', 'ScalingLimited'];
/** Conditions that tell of trouble by being False. */
const GOOD = ['ScalingActive'];

/** Whether a person has to do something about what a condition says. What is being rolled out or deleted is no trouble. */
export function isTrouble({ type, status }: Condition, phase: string | undefined): boolean {
  if (type === 'Ready') return status === 'False' && phase !== 'Progressing' && phase !== 'Deleting';
  return (BAD.includes(type) && status === 'True') || (GOOD.includes(type) && status === 'False');
}
