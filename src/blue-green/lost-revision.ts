import type { StoredObject } from '../../operator/index.ts';
import { type RestAPI, type Revision, revisionObjectName, type StoredRevision } from '../../resources/index.ts';
import { allowedOf } from './allowed.ts';
import type { Observed } from './observed.ts';
import { PROMOTE } from './rejection.ts';

/**
 * The revisions that are stored, and those in use of which the ControllerRevision is missing: they are taken from the copy
 * on the front Service, so they are stored again with the same name and number.
 */
export function knownRevisions({ front, revisions, backup = [] }: Observed): StoredRevision[] {
  const missing = backup.filter(({ name }) => !revisions.some((one) => one.name === name));
  return [...revisions, ...missing.filter(({ name }) => [front?.revision, front?.previousRevision].includes(name))];
}

/**
 * Why the active environment cannot be rendered; undefined: it can. The revision that it runs is stored nowhere, and what
 * the spec requests by now must not replace it unreviewed.
 *
 * @param requested the revision of the current spec
 * @param observed with all revisions that are known
 */
export function lostRevision(
  api: StoredObject<RestAPI>,
  requested: Revision,
  { front, revisions }: Observed,
): string | undefined {
  const { enabled = false } = api.spec.blueGreen ?? {};
  const name = front?.revision;
  if (!front || !enabled || name === undefined || name === requested.name) return undefined;
  if (revisions.some((one) => one.name === name) || allowedOf({ api, front }, requested.name).promote) return undefined;
  return (
    `ControllerRevision ${revisionObjectName(api, name)} does not exist, and the front Service has no copy: revision ${name}, ` +
    `which is active in ${front.environment}, cannot be rendered. The generated objects stay unchanged, except that autoscalers and changes of replicas ` +
    `still scale running components; starting, stopping and other changes of scaling wait. Restore that object or ` +
    `the spec of that revision, or replace the pods in place by the revision that the spec requests: ` +
    `kubectl annotate restapi ${api.metadata.name} ${PROMOTE}=${requested.name}`
  );
}
