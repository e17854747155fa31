import type { RejectedStatus } from '../../resources/index.ts';
import type { Checks } from './checks.ts';
import { shortOf } from './environments.ts';
import { newRejection } from './rejection.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import { failingMs } from './trial.ts';

/** Rejects the active revision if its checks failed, or if its containers failed soon after the promotion. */
export function rejectAfterPromotion(
  inputs: ReleaseInputs,
  postChecks: Checks | undefined,
): RejectedStatus | undefined {
  // Without a revision to roll back to, a failure is only reported.
  if (inputs.front.previousRevision === undefined || inputs.stopped) return undefined;
  return rejectFailedChecks(inputs, postChecks) ?? rejectUnavailable(inputs);
}

function rejectFailedChecks({ api, active, now }: ReleaseInputs, checks: Checks | undefined) {
  if (!checks?.failed || active.revision === undefined) return undefined;
  return newRejection(api, active.revision, 'CheckFailed', checks.failed, now);
}

/**
 * A component of the revision on trial has been failing for autoRollbackFailingSeconds, or has no available pod left: then
 * there is nothing to wait for.
 */
function rejectUnavailable(inputs: ReleaseInputs): RejectedStatus | undefined {
  const { api, activeObserved, now, required, trial } = inputs;
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
  return newRejection(api, trial.revision, 'AutoRollback', message, now);
}
