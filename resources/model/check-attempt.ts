import { hashOf } from '../../operator/index.ts';
import { checkJobSpec } from '../templates/check-job-spec.ts';
import type { CheckSpec, CheckStage } from '../api/check-spec.ts';
import type { Environment } from './environment.ts';

/** One attempt of a check. */
export interface CheckAttempt {
  check: CheckSpec;
  stage: CheckStage;
  /** What is looked at. */
  environment: Environment;
  /** What it is told apart by from the same check of another release of the same revision, as in the status. */
  since: string;
  /** 1 for the first. */
  number: number;
}

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
