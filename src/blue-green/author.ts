import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';

/** Annotation of a RestAPI with the user who changed it last, which only the API server writes (kustomize/components/release-author). */
export const CHANGED_BY = 'restapi.dev/changed-by';

/** What the operator calls itself where nobody asked for what it did. */
const OPERATOR = 'restapi-operator';
const MAX_LENGTH = 512;

/** Who changed a RestAPI last: its spec, or an annotation about releases. Nobody knows without that component. */
export function authorOf({ metadata }: StoredObject<RestAPI>): { by?: string } {
  const name = metadata.annotations?.[CHANGED_BY];
  return name ? { by: name.slice(0, MAX_LENGTH) } : {};
}

/** Who gave a revision up. */
export function rejecterOf(api: StoredObject<RestAPI>, { reason }: { reason: string }): { by?: string } {
  return reason === 'Rejected' ? authorOf(api) : { by: OPERATOR };
}
