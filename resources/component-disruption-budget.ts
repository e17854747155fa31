import { type Dependent, DependentResource, type KubernetesObject } from '../operator/index.ts';
import { enabledComponents, replicasOf } from './enabled-components.ts';
import { commonLabels, componentObjectName, componentSelector } from './labels.ts';
import { RestAPI } from './rest-api.ts';

export interface PodDisruptionBudget extends KubernetesObject {
  spec: { maxUnavailable: number; selector: object };
}

/**
 * Lets a drained node take one pod of a component at a time. A component with a single pod has none: its budget would
 * block every drain for ever.
 */
@DependentResource(RestAPI, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' })
export class ComponentDisruptionBudget implements Dependent<RestAPI, PodDisruptionBudget> {
  desired(api: RestAPI): PodDisruptionBudget[] {
    return enabledComponents(api)
      .filter((component) => replicasOf(api, component) > 1)
      .map((component) => ({
        metadata: { name: componentObjectName(api, component), labels: commonLabels(api, component) },
        spec: { maxUnavailable: 1, selector: { matchLabels: componentSelector(api, component) } },
      }));
  }
}
