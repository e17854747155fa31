import type { Environment, ReleaseStatus } from '../../resources/index.ts';
import { lostConfiguration } from './lost-configuration.ts';
import { rejectionOf } from './rejection.ts';
import type { RejectionReason, ReleaseCondition } from './release-conditions.ts';
import { askedOf, findRevision, type ReleaseInputs } from './release-inputs.ts';
import { STARTS_LATER } from './stopped.ts';

/**
 * Conditions about releases: `Progressing` while one is in progress, `Promoted` if the requested revision is active, `Paused`
 * while the release is paused, and `Aborted` while the requested revision is rejected.
 */
export function releaseConditions(
  inputs: Pick<ReleaseInputs, 'api' | 'active' | 'front' | 'goal' | 'observed' | 'requested' | 'stopped' | 'wanted'>,
  release: ReleaseStatus | undefined,
): ReleaseCondition[] {
  const { api, active, stopped, wanted } = inputs;
  const asked = askedOf(inputs);
  // Of a version that serves in the place of a rejected one, a new configuration may be rejected as well.
  const rejected = rejectionOf(api, wanted.name) ? wanted.name : asked;
  const rejection = rejectionOf(api, rejected);
  const conditions: ReleaseCondition[] = [];
  if (release) {
    const { revision, environment, phase, message } = release;
    const where = `Revision ${revision} in ${environment}: ${message}`;
    conditions.push({ type: 'Progressing', status: 'True', reason: phase, message: where });
    if (phase === 'Paused') conditions.push({ type: 'Paused', status: 'True', reason: 'PausedBySpec', message });
  } else if (rejection) {
    const message = `Revision ${rejected} was rejected: ${rejection.message}`;
    conditions.push({ type: 'Progressing', status: 'False', reason: 'Aborted', message });
  } else if (stopped && active.revision !== asked) {
    const message = `${STARTS_LATER}: revision ${asked}`;
    conditions.push({ type: 'Progressing', status: 'False', reason: 'Stopped', message });
  } else {
    const message = `The requested revision is active in environment ${active.name}`;
    conditions.push({ type: 'Progressing', status: 'False', reason: 'UpToDate', message });
  }
  conditions.push(promoted(asked, active, release, rejection || !stopped ? 'Aborted' : 'Stopped'));
  if (rejection) {
    const stays =
      active.revision === rejected
        ? `It stays active because ${noWayBack(inputs)}.`
        : `Traffic goes to ${active.name}, revision ${active.revision ?? 'of the spec'}.`;
    const message = `Revision ${rejected} was rejected: ${rejection.message}. ${stays} Request another version in the spec, or run kubectl restapi retry ${api.metadata.name} to release it again.`;
    conditions.push({ type: 'Aborted', status: 'True', reason: rejection.reason as RejectionReason, message });
  }
  return conditions;
}

function noWayBack(inputs: Pick<ReleaseInputs, 'api' | 'front' | 'observed' | 'requested'>): string {
  const previous = findRevision(inputs, inputs.front.previousRevision);
  const problem = previous && lostConfiguration(inputs.api, previous, inputs.observed);
  return problem
    ? `the configuration of revision ${previous.name}, to roll back to, is lost: ${problem}`
    : 'there is no earlier revision to roll back to';
}

function promoted(
  asked: string,
  active: Environment,
  release: ReleaseStatus | undefined,
  otherwise: 'Aborted' | 'Stopped',
): ReleaseCondition {
  // Without blue-green `main` has no revisions: it follows the spec.
  if (active.revision === asked || (active.name === 'main' && !release && otherwise !== 'Stopped')) {
    const message = `Traffic goes to ${active.name}${active.revision ? `, revision ${active.revision}` : ''}`;
    return { type: 'Promoted', status: 'True', reason: 'Active', message };
  }
  const message = `Traffic goes to ${active.name}, revision ${active.revision ?? 'of the spec'}, not to revision ${asked}`;
  return { type: 'Promoted', status: 'False', reason: release?.phase ?? otherwise, message };
}
