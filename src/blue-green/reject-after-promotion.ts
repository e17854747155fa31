import type { RejectionStatus } from '../../resources/index.ts';
import type { Checks } from './checks.ts';
import { shortOf } from './environments.ts';
import { newRejection } from './rejection.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import { failingMs } from './trial.ts';

/** Rejects the active revision if its checks failed, or if its containers failed soon after the promotion. */
export function rejectAfterPromotion(
  inputs: ReleaseInputs,
  postChecks: Checks | undefined,
): RejectionStatus | undefined {
  const { front, goal, stopped } = inputs;
  // Without a revision to roll back to, a failure is only reported. What a user rolled back to is the user's choice.
  if (front.previousRevision === undefined || stopped || goal.immediate) return undefined;
  return rejectFailedChecks(inputs, postChecks) ?? rejectUnavailable(inputs);
}

function rejectFailedChecks({ front, active, now }: ReleaseInputs, checks: Checks | undefined) {
  if (!checks?.failed || active.revision === undefined) return undefined;
  return newRejection(front, active.revision, 'CheckFailed', checks.failed, now);
}

/**
 * A component of the revision on trial has been failing for autoRollbackFailingSeconds, or has no available pod left: then
 * there is nothing to wait for.
 */
function rejectUnavailable(inputs: ReleaseInputs): RejectionStatus | undefined {
  const { api, activeObserved, front, now, required, trial } = inputs;
  const rejecting = trial?.failing?.some(({ component, since }) => {
    const { available = 0, failing = 0 } = activeObserved?.[component] ?? {};
    const noneLeft = available === 0 && failing * 2 >= (required[component] ?? 0);
    return noneLeft || now.getTime() >= Date.parse(since) + failingMs(api);
  });
  if (!trial?.failing || !rejecting) return undefined;
  const broken = trial.failing.map(({ component }) => {
    const { available = 0, trouble } = activeObserved?.[component] ?? {};
    return `${component} (${shortOf(available, required[component] ?? 0, trouble)})`;
  });
  const message = `fewer than half of the pods were available after promotion: ${broken.join(', ')}`;
  return newRejection(front, trial.revision, 'AutoRollback', message, now);
}
