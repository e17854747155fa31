import type { CheckAttempt, Decision, RestAPIStatus } from '../../resources/index.ts';
import type { ReleaseCondition } from './release-conditions.ts';
import type { ReleaseEvent } from './release-events.ts';

/** The fields of the status that carry a release from one run to the next. */
export const RELEASE_FIELDS = [
  'activeEnvironment',
  'requestedRevision',
  'environments',
  'release',
  'checks',
  'trial',
  'rejections',
  'hooks',
  'migrated',
  'rollback',
  'history',
] as const;

type ReleaseField = (typeof RELEASE_FIELDS)[number];

/** The next step of a release, and what to report about it. */
export interface ReleasePlan {
  decision: Decision;
  /** Whether this plan moves traffic to another environment. Such a plan must not come from a stale cache. */
  switches: boolean;
  /** Why the first version has no pods yet: its migration runs, or has failed. */
  migrating?: { failed: boolean; message: string };
  /** Whether a release begins that takes turns with those of other RestAPIs: it must not be executed before they let it. */
  needsTurn: boolean;
  /** Why nothing may be applied: the active environment cannot be rendered. Only the status is written. */
  frozen?: string;
  /** Whether the active environment runs the requested revision. */
  upToDate: boolean;
  /** The references of the current spec, by kind and name, that pods read from copies: they start without the objects. */
  copied: readonly string[];
  /** The parts of the status that are about releases. */
  status: Pick<RestAPIStatus, ReleaseField | 'lastDeploymentTime'>;
  conditions: ReleaseCondition[];
  events: ReleaseEvent[];
  /** Annotations of the RestAPI that are fulfilled. */
  removeAnnotations: string[];
  /** Attempts of checks that the operator makes itself and whose result is awaited. */
  attempts: CheckAttempt[];
  /** When time alone changes the plan, milliseconds from now. */
  requeueAfterMs?: number;
}
