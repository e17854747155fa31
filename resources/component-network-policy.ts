import { type Dependent, DependentResource, type KubernetesObject } from '../operator/index.ts';
import { type Decision, plainDecision } from './decision.ts';
import { applicationSelector, commonLabels, componentObjectName, componentSelector } from './labels.ts';
import { COMPONENTS, type ComponentName, RestAPI } from './rest-api.ts';

export interface NetworkPolicy extends KubernetesObject {
  spec: { podSelector: object; policyTypes: string[]; ingress: object[] };
}

/**
 * Who may talk to a component: anybody to the view, which faces the outside; to the others only the components of the
 * same RestAPI. Only the component's own port is open. One for all environments: a component that a new version no
 * longer has is still protected where the old one runs.
 */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' })
export class ComponentNetworkPolicy implements Dependent<RestAPI, NetworkPolicy, Decision | undefined> {
  desired(api: RestAPI, { environments }: Decision = plainDecision(api)): NetworkPolicy[] {
    return COMPONENTS.filter((component) => environments.some(({ api: { spec } }) => spec[component].enabled)).map(
      (component) => ({
        metadata: { name: componentObjectName(api, component), labels: commonLabels(api, component) },
        spec: {
          podSelector: { matchLabels: componentSelector(api, component) },
          policyTypes: ['Ingress'],
          ingress: [{ ...peers(api, component), ports: [{ port: component, protocol: 'TCP' }] }],
        },
      }),
    );
  }
}

/** Without `from` everybody may come. */
function peers(api: RestAPI, component: ComponentName): object {
  return component === 'view' ? {} : { from: [{ podSelector: { matchLabels: applicationSelector(api) } }] };
}
