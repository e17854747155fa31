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
 * Limits evictions, such as by node drains, to one pod of a component at a time. A component with a single pod has no
 * budget, which would block drains forever.
 */
@DependentResource(RestAPI, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' })
export class ComponentDisruptionBudget implements Dependent<RestAPI, PodDisruptionBudget, Decision | undefined> {
  desired(api: RestAPI, { environments }: Decision = plainDecision(api)): PodDisruptionBudget[] {
    return environments.flatMap((environment) =>
      enabledComponents(environment.api)
        // By the spec, not by the current number of pods: otherwise each release would create and delete budgets.
        .filter((component) => mostReplicas(environment.api, component) > 1)
        .map((component) => ({
          metadata: {
            name: environmentObjectName(api, component, environment.name),
            labels: environmentLabels(environment, component),
          },
          spec: {
            maxUnavailable: 1,
            // Pods that are not ready serve no requests, so neither drains nor healing wait for them.
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
