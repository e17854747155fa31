import type { ComponentName, RejectedStatus } from '../../resources/index.ts';
import type { Checks } from './checks.ts';
import { shortOf } from './environments.ts';
import { newRejection, rejectionOf } from './rejection.ts';
import type { ReleaseInputs } from './release-inputs.ts';

/** Rejects the active revision if its checks failed, or if its containers failed soon after the promotion. */
export function rejectAfterPromotion(
  inputs: ReleaseInputs,
  postChecks: Checks | undefined,
): RejectedStatus | undefined {
  // Without a revision to roll back to, a failure is only reported.
  if (inputs.front.previousRevision === undefined || inputs.stopped) return undefined;
  return rejectFailedChecks(inputs, postChecks) ?? rejectUnavailable(inputs);
}

function rejectFailedChecks({ api, wanted, now }: ReleaseInputs, checks: Checks | undefined) {
  return checks?.failed ? newRejection(api, wanted.name, 'CheckFailed', checks.failed, now) : undefined;
}

/**
 * Containers of a component crashed or lost readiness within autoRollbackSeconds of the promotion, and fewer than half of
 * its pods are available. Pods that are merely starting are no evidence against the version: they were added, or replace
 * ones that were evicted.
 */
function rejectUnavailable(inputs: ReleaseInputs): RejectedStatus | undefined {
  const { api, active, activeObserved, enabled, front, now, required, wanted } = inputs;
  if (!enabled || active.revision !== wanted.name) return undefined;
  const window = (api.spec.blueGreen?.autoRollbackSeconds ?? 0) * 1_000;
  if (!(now.getTime() < Date.parse(front.switchedAt ?? '') + window) || rejectionOf(api, wanted.name)) return undefined;
  const broken = Object.entries(required).flatMap(([name, count]) => {
    const { available = 0, failing = 0, trouble } = activeObserved?.[name as ComponentName] ?? {};
    const judged = Math.min(count, available + failing);
    return available * 2 < judged ? [`${name} (${shortOf(available, count, trouble)})`] : [];
  });
  if (broken.length === 0) return undefined;
  const message = `fewer than half of the pods were available after promotion: ${broken.join(', ')}`;
  return newRejection(api, wanted.name, 'AutoRollback', message, now);
}
