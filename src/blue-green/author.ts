import type { StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';

/** Annotation of a RestAPI with the user who changed it last, which only the API server writes (kustomize/components/release-author). */
export const CHANGED_BY = 'restapi.dev/changed-by';

/** The author of what the operator did by itself. */
export const OPERATOR = 'restapi-operator';
const MAX_LENGTH = 512;

/** Who last changed the spec of a RestAPI or an annotation about releases; empty without that component. */
export function authorOf({ metadata }: StoredObject<RestAPI>): { by?: string } {
  const name = metadata.annotations?.[CHANGED_BY];
  return name ? { by: name.slice(0, MAX_LENGTH) } : {};
}
