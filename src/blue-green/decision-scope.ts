import { type DecisionScope, type Front, versionOf } from '../../resources/index.ts';

/** A decision of a user or of the operator about a revision. */
export interface Decided {
  revision: string;
  scope: DecisionScope;
}

/**
 * Whether a decision concerns a revision. This is the only rule by which decisions are matched.
 *
 * A decision is about the version: image and spec, as a person means it. It survives a changed ConfigMap, a rotated Secret
 * and an upgrade of the operator. Only if another revision of the version serves is it about one configuration, so that
 * an edit of a ConfigMap can be rejected without rejecting the version that serves. Which of the two holds is settled when the
 * decision is made, see `scopeOf`: a version that serves later must not change what was decided before.
 */
export function concerns({ revision, scope }: Decided, name: string): boolean {
  return scope === 'Version' ? versionOf(revision) === versionOf(name) : revision === name;
}

/**
 * The scope of a decision that is made now.
 *
 * @param named the name of a revision, or of a version and with it all its revisions
 * @param front which revision serves; for one that serves itself, the one to go back to counts
 */
export function scopeOf(named: string, { revision, previousRevision }: Front): DecisionScope {
  if (revision === undefined) return 'Version';
  const serving = revision === named ? (previousRevision ?? revision) : revision;
  return named !== versionOf(named) && versionOf(serving) === versionOf(named) ? 'Configuration' : 'Version';
}

/** Whether a request that is made now concerns a revision. @param named the name of a revision, or of a version */
export function isAbout(named: string, revision: string, front: Front): boolean {
  return concerns({ revision: named, scope: scopeOf(named, front) }, revision);
}
