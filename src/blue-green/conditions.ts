import type { StoredObject } from '../../operator/index.ts';
import type { Environment, ReleaseStatus, RestAPI } from '../../resources/index.ts';
import { rejectionOf } from './rejection.ts';
import type { RejectionReason, ReleaseCondition } from './release-conditions.ts';
import { STARTS_LATER } from './stopped.ts';

/**
 * Conditions about releases: `Progressing` while one is in progress, `Promoted` if the wanted revision is active, `Paused`
 * while the release is paused, and `Aborted` while the wanted revision is rejected.
 *
 * @param wanted name of the revision that should be active
 * @param stopped whether its release waits until the application is started
 */
export function releaseConditions(
  api: StoredObject<RestAPI>,
  wanted: string,
  active: Environment,
  release: ReleaseStatus | undefined,
  stopped = false,
): ReleaseCondition[] {
  const rejection = rejectionOf(api, wanted);
  const conditions: ReleaseCondition[] = [];
  if (release) {
    const { revision, environment, phase, message } = release;
    const where = `Revision ${revision} in ${environment}: ${message}`;
    conditions.push({ type: 'Progressing', status: 'True', reason: phase, message: where });
    if (phase === 'Paused') conditions.push({ type: 'Paused', status: 'True', reason: 'PausedBySpec', message });
  } else if (rejection) {
    const message = `Revision ${wanted} was rejected: ${rejection.message}`;
    conditions.push({ type: 'Progressing', status: 'False', reason: 'Aborted', message });
  } else if (stopped && active.revision !== wanted) {
    const message = `${STARTS_LATER}: revision ${wanted}`;
    conditions.push({ type: 'Progressing', status: 'False', reason: 'Stopped', message });
  } else {
    const message = `The requested revision is active in environment ${active.name}`;
    conditions.push({ type: 'Progressing', status: 'False', reason: 'UpToDate', message });
  }
  conditions.push(promoted(wanted, active, release, rejection || !stopped ? 'Aborted' : 'Stopped'));
  if (rejection) {
    const stays =
      active.revision === wanted
        ? 'It stays active because there is no earlier revision to roll back to.'
        : `Traffic goes to ${active.name}, revision ${active.revision ?? 'of the spec'}.`;
    const message = `Revision ${wanted} was rejected: ${rejection.message}. ${stays} Change the spec, or set the annotation restapi.dev/retry to this revision.`;
    conditions.push({ type: 'Aborted', status: 'True', reason: rejection.reason as RejectionReason, message });
  }
  return conditions;
}

function promoted(
  wanted: string,
  active: Environment,
  release: ReleaseStatus | undefined,
  otherwise: 'Aborted' | 'Stopped',
): ReleaseCondition {
  // Without blue-green `main` has no revisions: it follows the spec.
  if (active.revision === wanted || (active.name === 'main' && !release && otherwise !== 'Stopped')) {
    const message = `Traffic goes to ${active.name}${active.revision ? `, revision ${active.revision}` : ''}`;
    return { type: 'Promoted', status: 'True', reason: 'Active', message };
  }
  const message = `Traffic goes to ${active.name}, revision ${active.revision ?? 'of the spec'}, not to revision ${wanted}`;
  return { type: 'Promoted', status: 'False', reason: release?.phase ?? otherwise, message };
}
