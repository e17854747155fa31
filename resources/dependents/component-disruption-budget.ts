import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { type ComponentName, RestAPI } from '../api/rest-api.ts';
import { type Decision, plainDecision } from '../model/decision.ts';
import { enabledComponents, replicasOf } from '../model/enabled-components.ts';
import { environmentLabels, podSelector } from '../model/labels.ts';
import { environmentObjectName } from '../model/object-names.ts';
import { scalingOf } from '../model/scaling.ts';

export interface PodDisruptionBudget extends KubernetesObject {
  spec: { maxUnavailable: number; unhealthyPodEvictionPolicy: 'AlwaysAllow'; selector: object };
}

/**
 * Lets a drained node take one pod of a component at a time. A component with a single pod has none: its budget would
 * block every drain for ever.
 */
@DependentResource(RestAPI, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' })
export class ComponentDisruptionBudget implements Dependent<RestAPI, PodDisruptionBudget, Decision | undefined> {
  desired(api: RestAPI, { environments }: Decision = plainDecision(api)): PodDisruptionBudget[] {
    return environments.flatMap((environment) =>
      enabledComponents(environment.api)
        // By what the spec asks for and not by what runs now, or each release would make and delete them.
        .filter((component) => mostReplicas(environment.api, component) > 1)
        .map((component) => ({
          metadata: {
            name: environmentObjectName(api, component, environment.name),
            labels: environmentLabels(environment, component),
          },
          spec: {
            maxUnavailable: 1,
            // A pod that is not ready serves nobody, so its going is no loss: neither a drain nor healing waits for it.
            unhealthyPodEvictionPolicy: 'AlwaysAllow',
            selector: { matchLabels: podSelector(environment, component) },
          },
        })),
    );
  }
}

function mostReplicas(api: RestAPI, component: ComponentName): number {
  return scalingOf(api, component)?.maxReplicas ?? replicasOf(api, component);
}
