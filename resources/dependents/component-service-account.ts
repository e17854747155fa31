import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import { commonLabels } from '../model/labels.ts';
import { serviceAccountName } from '../model/object-names.ts';

export interface ServiceAccount extends KubernetesObject {
  automountServiceAccountToken: boolean;
}

/** ServiceAccount of the pods, without permissions and without a token. */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'ServiceAccount' })
export class ComponentServiceAccount implements Dependent<RestAPI, ServiceAccount> {
  desired(api: RestAPI): ServiceAccount {
    return {
      metadata: { name: serviceAccountName(api), labels: commonLabels(api) },
      automountServiceAccountToken: false,
    };
  }
}
