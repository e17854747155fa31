import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { Decision } from '../model/decision.ts';
import { commonLabels } from '../model/labels.ts';
import { revisionObjectName } from '../model/object-names.ts';
import type { RevisionData } from '../model/revision.ts';

/** The fields of a ControllerRevision that the operator uses. */
export interface ControllerRevision extends KubernetesObject {
  data: RevisionData;
  revision: number;
}

/** Released revisions, for rollbacks and to maintain environments that run an older revision than the spec. */
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
