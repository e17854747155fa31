import type { ResolvedReference } from '../../operator/index.ts';
import { type Contents, contentKey, type SourceOfVariables } from '../../resources/model/references.ts';

type Source = ResolvedReference<SourceOfVariables>;

/** Required sources that do not exist. */
export function missing(sources: readonly Source[]): Source[] {
  return sources.filter(({ hash, optional }) => hash === undefined && !optional);
}

/** Hashes of the contents of the referenced objects. */
export function contentsOf(sources: readonly Source[]): Contents {
  return Object.fromEntries(sources.map((source) => [contentKey(source), source.hash ?? null]));
}
