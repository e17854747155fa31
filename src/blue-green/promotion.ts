import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { PROMOTE } from './rejection.ts';

/** Whether a user asked to promote this revision. */
export function isPromoted({ metadata }: StoredObject<RestAPI>, revision: string): boolean {
  return metadata.annotations?.[PROMOTE] === revision;
}
