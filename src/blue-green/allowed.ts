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

/** What users allowed this release: by annotations, and earlier, as the status has it. */
export function allowedOf({ api, front }: AllowedInputs, revision: string): Allowed {
  const { release } = api.status ?? {};
  // Another configuration of the version is the same release.
  const same = release && concerns({ revision: release.revision, scope: scopeOf(release.revision, front) }, revision);
  const isRequested = (annotation: string) => {
    const named = api.metadata.annotations?.[annotation];
    return named !== undefined && isAbout(named, revision, front);
  };
  return {
    promote: isRequested(PROMOTE) || (same === true && release.promote === true),
    skipChecks: isRequested(SKIP_CHECKS) || (same === true && release.skipChecks === true),
  };
}

/** Whether a user has the failed checks of the release repeated. */
export function isRepeated({ api, front }: AllowedInputs, revision: string, readyAt: string): boolean {
  const named = api.metadata.annotations?.[RETRY];
  const { checks } = api.status ?? {};
  return (
    named !== undefined && isAbout(named, revision, front) && checks?.result === 'Failed' && checks.since === readyAt
  );
}
