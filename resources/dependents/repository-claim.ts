import { type Dependent, DependentResource, type KubernetesObject, type StoredObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { StorageSpec } from '../api/storage-spec.ts';
import type { Decision } from '../model/decision.ts';
import { commonLabels } from '../model/labels.ts';
import { repositoryClaimName } from '../model/object-names.ts';

export interface PersistentVolumeClaim extends KubernetesObject {
  spec: { accessModes: string[]; storageClassName?: string; resources: { requests: { storage: string | number } } };
  status?: { phase?: string };
}

/**
 * The volume of the repository. One for all its pods, and so no StatefulSet: the pods answer behind one Service, and
 * with a volume each they would answer differently. A repository that is switched off keeps its volume.
 */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
export class RepositoryClaim implements Dependent<RestAPI, PersistentVolumeClaim, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): PersistentVolumeClaim | undefined {
    const storage = storageOf(api, decision);
    if (!storage) return undefined;
    const { size, storageClassName, accessMode } = storage;
    return {
      metadata: { name: repositoryClaimName(api), labels: commonLabels(api, 'repository') },
      spec: { accessModes: [accessMode], storageClassName, resources: { requests: { storage: size } } },
    };
  }

  retain(api: RestAPI, decision?: Decision): boolean {
    return storageOf(api, decision)?.whenDeleted !== 'Delete';
  }

  ready({ status }: StoredObject<PersistentVolumeClaim>): true | string {
    // Many volumes are only made when the first pod asks for one, so a claim that waits is no reason for pods to wait.
    return status?.phase === 'Lost' ? 'the volume it was bound to is gone' : true;
  }
}

function storageOf(api: RestAPI, decision: Decision | undefined): StorageSpec | undefined {
  return api.spec.repository.storage ?? decision?.retainedVolume;
}
