import { hashOf } from '../../operator/index.ts';
import type { CheckAttempt } from '../model/check-attempt.ts';
import { checkJobSpec } from './check-job-spec.ts';

/**
 * Returns the unique name of a check attempt, which is also the name of its Job. It contains a hash of the Job spec,
 * because Jobs are immutable: a changed check gets a new Job.
 */
export function attemptName(attempt: CheckAttempt): string {
  const { check, stage, environment, since, number } = attempt;
  const { api, name, revision } = environment;
  const job = check.job && checkJobSpec(attempt);
  const { uid } = api.metadata;
  return `${api.metadata.name}-check-${hashOf({ uid, check, stage, name, revision, since, number, job })}`;
}
