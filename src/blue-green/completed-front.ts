import { type Front, type RestAPI, type Revision, specOf, versionOf } from '../../resources/index.ts';
import { contentKey, isCopied, sourcesOfVariables } from '../../resources/model/references.ts';
import { readsCopies } from './environments.ts';

/**
 * The front after required ConfigMaps were created that the active revision lacked. Its pods could not start without them, so
 * there is nothing to protect: the revision with their contents takes its place without a release.
 *
 * @param active the revision that the front names
 * @param wanted the revision that should be active
 */
export function completedFront(api: RestAPI, front: Front, active: Revision | undefined, wanted: Revision): Front {
  if (!active || active.name === wanted.name || !readsCopies(front.environment)) return front;
  if (versionOf(active.name) !== versionOf(wanted.name)) return front;
  const before = active.data.configHashes;
  const after = wanted.data.configHashes;
  const sources = sourcesOfVariables({ ...api, spec: specOf(active.data, api.spec) });
  const required = new Set(sources.filter((source) => isCopied(source) && !source.optional).map(contentKey));
  const completes = [...new Set([...Object.keys(before), ...Object.keys(after)])].every(
    (key) => before[key] === after[key] || (before[key] === null && required.has(key)),
  );
  return completes ? { ...front, revision: wanted.name } : front;
}
