import { hashOf } from '../../operator/index.ts';
import type { CheckAttempt } from '../model/check-attempt.ts';
import { checkJobSpec } from './check-job-spec.ts';

/**
 * The name of an attempt, which no other has, and of its Job. All that its Job is like takes part, as a Job cannot be
 * changed: whoever changes the check gets another.
 */
export function attemptName(attempt: CheckAttempt): string {
  const { check, stage, environment, since, number } = attempt;
  const { api, name, revision } = environment;
  const job = check.job && checkJobSpec(attempt);
  const { uid } = api.metadata;
  return `${api.metadata.name}-check-${hashOf({ uid, check, stage, name, revision, since, number, job })}`;
}
