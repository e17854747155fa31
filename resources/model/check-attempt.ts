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
