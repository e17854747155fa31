import type { StoredObject } from '../../operator/index.ts';
import { AUTHOR_MAX_LENGTH, type ReleaseStatus, type RestAPI } from '../../resources/index.ts';

/** Annotation of a RestAPI with the user who changed it last, which only the API server writes (kustomize/components/release-author). */
export const CHANGED_BY = 'restapi.dev/changed-by';

/**
 * Returns a RestAPI without the name of its author. Without that component anyone could have written it, so it must not be
 * reported as a fact.
 */
export function withoutAuthor(api: StoredObject<RestAPI>): StoredObject<RestAPI> {
  const { [CHANGED_BY]: by, ...annotations } = api.metadata.annotations ?? {};
  return by === undefined ? api : { ...api, metadata: { ...api.metadata, annotations } };
}

/** Who requested, promoted and skipped what of a release, as far as it is known, such as `promoted by alice`. */
export function releaseAuthors({ by, promotedBy, checksSkippedBy }: ReleaseStatus): string[] {
  return [
    by && `requested by ${by}`,
    promotedBy && `promoted by ${promotedBy}`,
    checksSkippedBy && `checks skipped by ${checksSkippedBy}`,
  ].filter((text) => text !== undefined && text !== '') as string[];
}

/** The author of what the operator did by itself. */
export const OPERATOR = 'restapi-operator';

/** Who last changed the spec of a RestAPI or an annotation about releases; empty without that component. */
export function authorOf({ metadata }: Pick<StoredObject<RestAPI>, 'metadata'>): { by?: string } {
  const name = metadata.annotations?.[CHANGED_BY];
  return name ? { by: name.slice(0, AUTHOR_MAX_LENGTH) } : {};
}
