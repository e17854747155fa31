import { hashOf, type ResolvedReference, type StoredObject } from '../../operator/index.ts';
import { COMPONENTS, type Deployment, type Environment } from '../../resources/index.ts';
import { COMPONENT_LABEL } from '../../resources/model/labels.ts';
import { REFERENCES_HASH, type SourceOfVariables } from '../../resources/model/references.ts';

type Source = ResolvedReference<SourceOfVariables>;

/** Required sources that do not exist. */
export function missing(sources: readonly Source[]): Source[] {
  return sources.filter(({ hash, optional }) => hash === undefined && !optional);
}

/**
 * Hashes of the variables of each component, which restart its pods when they change. While a required source is missing
 * the hash stays: new pods could not start, so the running ones are kept.
 *
 * @param deployments Deployments of the active environment
 */
export function referenceHashes(
  sources: readonly Source[],
  deployments: readonly StoredObject<Deployment>[],
): Environment['referenceHashes'] {
  const hashes: Environment['referenceHashes'] = {};
  for (const component of COMPONENTS) {
    const own = sources.filter((source) => source.component === component);
    if (own.length === 0) continue;
    const before = deployments.find(({ metadata }) => metadata.labels?.[COMPONENT_LABEL] === component)?.spec.template
      .metadata.annotations[REFERENCES_HASH];
    const kept = missing(own).length > 0 ? before : undefined;
    hashes[component] = kept ?? hashOf(own.map(({ kind, name, hash = null }) => [kind, name, hash]));
  }
  return hashes;
}
