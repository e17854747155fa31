import { allowedOf } from './allowed.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import { isStalled, slotOf } from './release-slot.ts';
import { storedRelease } from './release-status.ts';

/**
 * Whether the next release begins with this run and takes turns with those of other RestAPIs. A rollback never waits, nor what
 * a user promoted. What has begun goes on, and a newer version takes its slot. A version whose pods exist already costs
 * nothing: it is the way back, or the operator was killed before the status said that it had begun.
 */
export function needsTurn(inputs: ReleaseInputs): boolean {
  const { api, enabled, now, observed, target } = inputs;
  if (!enabled || !target || target.rollback) return false;
  const { environment, revision } = target;
  const last = api.status?.release;
  const isBegun = storedRelease(api.status, target) !== undefined && last?.phase !== 'Queued';
  const hasSlot = last?.environment === environment && slotOf(api) === 'InProgress' && !isStalled(api, now.getTime());
  const hasPods = Object.values(observed.environments[environment] ?? {}).some(
    (component) => component.revision === revision.name && component.replicas > 0,
  );
  return !isBegun && !hasSlot && !hasPods && !isFirst(inputs) && !allowedOf(inputs, revision.name).promote;
}

/** Whether no version has served yet: the one that replaces a first one that failed is a first deployment as well. */
function isFirst({ active, activeObserved = {}, front }: ReleaseInputs): boolean {
  const hasServed = Object.values(activeObserved).some(({ available }) => available > 0);
  return front.switchedAt === undefined && active.name !== 'main' && !hasServed;
}
