import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { Decision } from '../model/decision.ts';
import { commonLabels } from '../model/labels.ts';
import { revisionObjectName } from '../model/object-names.ts';
import type { RevisionData } from '../model/revision.ts';

/** What of a ControllerRevision is written and read here. */
export interface ControllerRevision extends KubernetesObject {
  data: RevisionData;
  revision: number;
}

/** What was released before, so that an environment can be kept, repaired and gone back to when the spec says something newer. */
@DependentResource(RestAPI, { apiVersion: 'apps/v1', kind: 'ControllerRevision' })
export class RevisionHistory implements Dependent<RestAPI, ControllerRevision, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): ControllerRevision[] {
    return (decision?.revisions ?? []).map(({ name, data, number }) => ({
      metadata: { name: revisionObjectName(api, name), labels: commonLabels(api) },
      data,
      revision: number,
    }));
  }
}
