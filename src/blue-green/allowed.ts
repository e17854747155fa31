import type { StoredObject } from '../../operator/index.ts';
import type { Front, RestAPI } from '../../resources/index.ts';
import { concerns, isAbout, scopeOf } from './decision-scope.ts';
import { PROMOTE, RETRY, SKIP_CHECKS } from './rejection.ts';

/** What users allowed a release. */
export interface Allowed {
  promote: boolean;
  skipChecks: boolean;
}

/** What users' words about releases depend on. */
export interface AllowedInputs {
  api: StoredObject<RestAPI>;
  front: Front;
}

/** Whether an annotation that is not recorded in the status yet names a revision. */
export function isRequested({ api, front }: AllowedInputs, annotation: string, revision: string): boolean {
  const named = api.metadata.annotations?.[annotation];
  return named !== undefined && isAbout(named, revision, front);
}

/** What users allowed this release: by annotations, and earlier, as the status has it. */
export function allowedOf({ api, front }: AllowedInputs, revision: string): Allowed {
  const { release } = api.status ?? {};
  // Another configuration of the version is the same release.
  const same = release && concerns({ revision: release.revision, scope: scopeOf(release.revision, front) }, revision);
  const requests = (annotation: string) => isRequested({ api, front }, annotation, revision);
  return {
    promote: requests(PROMOTE) || (same === true && release.promote === true),
    skipChecks: requests(SKIP_CHECKS) || (same === true && release.skipChecks === true),
  };
}

/** Whether a user has the checks of the release repeated, which failed or had no answer. */
export function isRepeated(inputs: AllowedInputs, revision: string, readyAt: string): boolean {
  const { checks } = inputs.api.status ?? {};
  const ended = checks?.result === 'Failed' || checks?.result === 'Unknown';
  return isRequested(inputs, RETRY, revision) && ended && checks.since === readyAt;
}
