import { type Checks, checksOf } from './checks.ts';
import { rejectionOf } from './rejection.ts';
import type { ReleaseInputs } from './release-inputs.ts';
import { reportedActive } from './release-status.ts';

/** After this time the checks start even if not all of the active environment is behind its Services, in milliseconds. */
const SWITCH_MS = 30_000;

/**
 * The checks after the last switch; undefined: there are none, or the active revision is not to be checked. They begin
 * at the first run after the switch and never later: a check added to the spec long after the promotion must not roll
 * back the active revision.
 */
export function postPromotionChecks({
  api,
  active,
  front,
  wanted,
  stopped,
  unavailable,
  observed,
  now,
  checkDelayMs,
}: ReleaseInputs): Checks | undefined {
  const { enabled = false, postPromotion: checks = [] } = api.spec.blueGreen ?? {};
  const { revision } = active;
  const since = front.switchedAt;
  if (!enabled || stopped || since === undefined || revision === undefined || revision !== wanted.name)
    return undefined;
  if (rejectionOf(api, revision)) return undefined;
  const last = api.status?.checks;
  const begun = last?.stage === 'postPromotion' && last.since === since && last.revision === revision;
  const was = reportedActive(api.status)?.name;
  const justSwitched = was !== undefined && was !== active.name;
  if (!begun && (!justSwitched || checks.length === 0)) return undefined;
  // Until kube-proxy has followed the switch, the front Service still leads to the old version.
  const from = Date.parse(since) + (unavailable.length === 0 ? checkDelayMs : SWITCH_MS);
  const request = { stage: 'postPromotion' as const, checks, environment: active, revision, since, from };
  const found = checksOf(api, request, observed.attemptResults, now);
  // Once the result is in the status the Jobs can go. If they went before, a crash would have them created again.
  return begun && last.result !== 'Running' ? { ...found, jobs: [] } : found;
}
