import { isRequested } from './allowed.ts';
import { type Checks, checksOf } from './checks.ts';
import { rejectionOf, SKIP_CHECKS } from './rejection.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import { hasSwitched } from './release-status.ts';

/** After this time the checks start even if not all of the active environment is behind its Services, in milliseconds. */
const SWITCH_MS = 30_000;

/**
 * The checks of the active revision after the last switch, whatever the spec requests by now; undefined: there are none. They begin
 * at the first run after the switch and never later: a check added to the spec long after the promotion must not roll
 * back the active revision.
 */
export function postPromotionChecks({
  api,
  active,
  front,
  goal,
  target,
  trial,
  stopped,
  unavailable,
  observed,
  now,
  checkDelayMs,
}: ReleaseInputs): Checks | undefined {
  const { enabled = false, postPromotion: checks = [] } = api.spec.blueGreen ?? {};
  const { revision } = active;
  const since = front.switchedAt;
  // A release that does not wait for the trial has its own checks.
  if (!enabled || stopped || target || since === undefined || revision === undefined) return undefined;
  // A user wants this revision back, whatever the checks say.
  if (goal.immediate || rejectionOf(api, revision)) return undefined;
  const last = api.status?.checks;
  const begun = last?.stage === 'postPromotion' && last.since === since && last.revision === revision;
  // Traffic that came back from a rejected revision is not checked.
  const isBack = front.previousRevision !== undefined && rejectionOf(api, front.previousRevision) !== undefined;
  if (!begun && (!hasSwitched(api.status, active) || isBack || checks.length === 0)) return undefined;
  // Until kube-proxy has followed the switch, the front Service still leads to the old version.
  const start = Math.max(Date.parse(since), Date.parse(trial?.since ?? since));
  const from = start + (unavailable.length === 0 ? checkDelayMs : SWITCH_MS);
  const { release } = api.status ?? {};
  const skip =
    isRequested({ api, front }, SKIP_CHECKS, revision) ||
    (release?.revision === revision && release.skipChecks === true);
  const request = { stage: 'postPromotion' as const, checks, environment: active, revision, since, from, skip };
  const found = checksOf(api, request, observed.attemptResults, now);
  // Once the result is in the status the Jobs can go. If they went before, a crash would have them created again.
  return begun && last.result !== 'Running' ? { ...found, jobs: [] } : found;
}
