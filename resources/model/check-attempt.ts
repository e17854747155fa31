import type { CheckSpec, CheckStage } from '../api/check-spec.ts';
import type { Environment } from './environment.ts';

/** One attempt of a check. */
export interface CheckAttempt {
  check: CheckSpec;
  stage: CheckStage;
  /** Environment under test. */
  environment: Environment;
  /** Distinguishes it from the same check of another release of the same revision; from the status. */
  since: string;
  /** Starts at 1. */
  number: number;
  /**
   * Until then the component may be out of reach without fault of its own: the attempt is repeated until it gets an answer.
   * Milliseconds since 1970; undefined: each attempt counts.
   */
  reachableBy?: number;
}
