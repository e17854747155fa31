import type { StoredObject } from '../../operator/index.ts';
import type { Environment, Front, RestAPI } from '../../resources/index.ts';
import { type Checks, checksOf } from './checks.ts';
import type { Answers } from './observed.ts';
import { rejectionOf } from './rejection.ts';
import { toldActive } from './release-status.ts';

/** How long the switch may take to be everywhere before checks begin all the same, in milliseconds. */
const SWITCH_MS = 30_000;

/**
 * The checks after the last switch; undefined: there are none, or what is active is not to be checked. They begin at
 * the first look after the switch and never later: a check that somebody adds to what has long been serving must not
 * take it away.
 *
 * @param wanted name of the revision that is asked for
 * @param serves whether all of what is active is behind its Services
 */
export function postChecksOf(
  api: StoredObject<RestAPI>,
  { active, front, wanted, serves }: { active: Environment; front: Front; wanted: string; serves: boolean },
  answers: Answers,
  now: Date,
): Checks | undefined {
  const { enabled = false, postPromotion: checks = [] } = api.spec.blueGreen ?? {};
  const { revision } = active;
  const since = front.switchedAt;
  if (!enabled || since === undefined || revision === undefined || revision !== wanted) return undefined;
  if (rejectionOf(api, revision)) return undefined;
  const last = api.status?.checks;
  const begun = last?.stage === 'postPromotion' && last.since === since && last.revision === revision;
  const was = toldActive(api.status)?.name;
  const justSwitched = was !== undefined && was !== active.name;
  if (!begun && (!justSwitched || checks.length === 0)) return undefined;
  const from = serves ? 0 : Date.parse(since) + SWITCH_MS;
  const asked = { stage: 'postPromotion' as const, checks, environment: active, revision, since, from };
  const found = checksOf(api, asked, answers, now);
  // The release is over with them, once that is written down: a Job that went before would be made again after a crash.
  return begun && last.result !== 'Running' ? { ...found, jobs: [] } : found;
}
