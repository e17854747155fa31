import { hashOf } from '../../operator/index.ts';
import type { ComponentName } from '../api/component-name.ts';
import type { RestAPI } from '../api/rest-api.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import type { Environment } from '../model/environment.ts';
import { type Revision, releasedSpec } from '../model/revision.ts';
import { podTemplate } from './pod-template.ts';

/** Returns the revision of the spec of a RestAPI. */
export function revisionOf(api: RestAPI, referenceHashes: Partial<Record<ComponentName, string>>): Revision {
  let name: string | undefined;
  return {
    // Computed on demand: rolling updates do not need it.
    get name() {
      name ??= nameOf(api, referenceHashes);
      return name;
    },
    data: { spec: releasedSpec(api.spec), referenceHashes },
  };
}

function nameOf(api: RestAPI, referenceHashes: Partial<Record<ComponentName, string>>): string {
  // The name does not depend on whether the environment is blue or green.
  const environment: Environment = { name: 'blue', api, replicas: {}, referenceHashes };
  return hashOf(enabledComponents(api).map((component) => podTemplate(environment, component)));
}
