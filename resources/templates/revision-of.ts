import { hashOf } from '../../operator/index.ts';
import { withDefaults, withoutDefaults } from '../../operator/schema/index.ts';
import type { RestAPI } from '../api/rest-api.ts';
import { RestAPISpec } from '../api/rest-api-spec.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import type { Environment } from '../model/environment.ts';
import { memoized } from '../model/memoized.ts';
import { type Contents, configHashes } from '../model/references.ts';
import { type Revision, type RevisionData, releasedSpec, specOf, versionOf } from '../model/revision.ts';
import { podTemplate } from './pod-template.ts';

const VERSION_LENGTH = 10;
const CONFIG_LENGTH = 8;

/**
 * Returns the revision of the spec of a RestAPI.
 *
 * Its version is that of a kept revision whose stored spec gives the same pod templates, as this operator renders them:
 * fields that say what would hold anyway make no new version. Otherwise the version is a hash of the released spec without
 * defaults. It depends neither on the pod templates nor on stored objects, so neither an upgrade of the operator nor
 * the loss of a ControllerRevision makes a new version.
 *
 * @param contents of the referenced objects
 * @param kept stored revisions
 * @param active name of the revision that receives traffic
 */
export function revisionOf(
  api: RestAPI,
  contents: Contents = {},
  kept: readonly Revision[] = [],
  active?: string,
): Revision {
  // The active revision first: in most runs it is the requested one.
  const candidates = [...kept].sort((a, b) => Number(b.name === active) - Number(a.name === active));
  const spec = releasedSpec(api.spec);
  let version: string | undefined;
  const versionName = () => {
    version ??= versionFor(api, spec, candidates);
    return version;
  };
  const before =
    candidates.length > 0 ? candidates.find(({ name }) => versionOf(name) === versionName())?.data.configHashes : {};
  const hashes = configHashes(api, contents, before);
  let name: string | undefined;
  return {
    // Computed on demand: rolling updates do not need it.
    get name() {
      name ??= nameOf(versionName(), hashes);
      return name;
    },
    data: { spec, configHashes: hashes },
  };
}

/** Returns a revision with the current contents of its ConfigMaps, as far as the spec of the RestAPI references them. */
export function withCurrentConfig(api: RestAPI, { name, data }: Revision, contents: Contents): Revision {
  const own = { ...api, spec: specOf(data, api.spec) };
  const hashes = configHashes(own, contents, data.configHashes);
  return { name: nameOf(versionOf(name), hashes), data: { ...data, configHashes: hashes } };
}

function nameOf(version: string, hashes: RevisionData['configHashes']): string {
  return Object.keys(hashes).length > 0 ? `${version}-${hashOf(hashes).slice(0, CONFIG_LENGTH)}` : version;
}

function versionFor(api: RestAPI, spec: RevisionData['spec'], candidates: readonly Revision[]): string {
  const version = hashOfVersion(spec);
  if (candidates.length === 0 || candidates.some(({ name }) => versionOf(name) === version)) return version;
  const templates = templatesOf(api);
  const same = candidates.find(({ data }) => templatesOf({ ...api, spec: specOf(data, api.spec) }) === templates);
  return same ? versionOf(same.name) : version;
}

const hashOfVersion = memoized((spec: RevisionData['spec']) =>
  hashOf(withoutDefaults(RestAPISpec, spec)).slice(0, VERSION_LENGTH),
);

/** A hash of the pod templates, apart from the contents of referenced objects. */
function templatesOf({ spec, ...api }: RestAPI): string {
  // As the specs of kept revisions, see specOf().
  const own = { ...api, spec: withDefaults(RestAPISpec, spec) };
  // The version does not depend on whether the environment is blue or green.
  const environment: Environment = { name: 'blue', api: own, replicas: {}, referenceHashes: {} };
  return hashOf(enabledComponents(own).map((component) => podTemplate(environment, component)));
}
