import { type Dependent, DependentResource, type KubernetesObject, type StoredObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { StorageSpec } from '../api/storage-spec.ts';
import type { Decision } from '../model/decision.ts';
import { commonLabels, INSTANCE_LABEL } from '../model/labels.ts';
import { repositoryClaimName } from '../model/object-names.ts';

export interface PersistentVolumeClaim extends KubernetesObject {
  spec: { accessModes: string[]; storageClassName?: string; resources: { requests: { storage: string | number } } };
  status?: { phase?: string };
}

/**
 * Volume of the repository, shared by all its pods. Not a StatefulSet: with a volume each, the pods behind the Service
 * would return different data. A disabled repository keeps its volume.
 */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' })
export class RepositoryClaim implements Dependent<RestAPI, PersistentVolumeClaim, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): PersistentVolumeClaim | undefined {
    const storage = storageOf(api, decision);
    if (!storage) return undefined;
    const { size, storageClassName, accessMode } = storage;
    // Argo CD, where it tracks by that label, would prune a claim of such an application that has no owner reference.
    const { [INSTANCE_LABEL]: _, ...labels } = commonLabels(api, 'repository');
    return {
      metadata: { name: repositoryClaimName(api), labels },
      spec: { accessModes: [accessMode], storageClassName, resources: { requests: { storage: size } } },
    };
  }

  retain(api: RestAPI, decision?: Decision): boolean {
    return storageOf(api, decision)?.whenDeleted !== 'Delete';
  }

  ready({ status }: StoredObject<PersistentVolumeClaim>): true | string {
    // Many storage classes provision on first use, so pods must not wait for a pending claim.
    return status?.phase === 'Lost' ? 'its volume no longer exists' : true;
  }
}

function storageOf(api: RestAPI, decision: Decision | undefined): StorageSpec | undefined {
  return api.spec.repository.storage ?? decision?.retainedVolume;
}
