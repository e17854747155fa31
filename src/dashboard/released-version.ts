import type { StoredObject } from '../../operator/index.ts';
import type { ReleaseStatus, RestAPI } from '../../resources/index.ts';
import { versionOf } from './version-of.ts';

/** The version that a release in progress is about. */
export function releasedVersion({ spec, status }: StoredObject<RestAPI>, release: ReleaseStatus): string {
  const environment = status?.environments?.find(({ name }) => name === release.environment);
  // While it is queued, its environment still has the version before the active one.
  return versionOf(release.phase === 'Queued' ? spec?.image : environment?.image);
}
