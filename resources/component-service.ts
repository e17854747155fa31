import { type Dependent, DependentResource, type KubernetesObject } from '../operator/index.ts';
import { activeEnvironment, type Decision, plainDecision } from './decision.ts';
import { enabledComponents } from './enabled-components.ts';
import { FrontService } from './front-service.ts';
import { commonLabels, componentObjectName, podSelector } from './labels.ts';
import { RestAPI } from './rest-api.ts';

export interface Service extends KubernetesObject {
  spec: { type: string; selector: Record<string, string>; ports: object[] };
}

/** The stable address of each enabled component: in the active environment. It follows the front Service. */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'Service', dependsOn: [FrontService] })
export class ComponentService implements Dependent<RestAPI, Service, Decision | undefined> {
  desired(api: RestAPI, decision: Decision = plainDecision(api)): Service[] {
    const active = activeEnvironment(decision);
    return enabledComponents(active.api).map((component) => {
      const { port, service } = active.api.spec[component];
      const { type, annotations } = service;
      return {
        metadata: { name: componentObjectName(api, component), labels: commonLabels(api, component), annotations },
        spec: {
          type,
          selector: podSelector(active, component),
          // The container's port by its name: it may differ from pod to pod while a change of it rolls out.
          ports: [{ name: 'http', port, targetPort: component, protocol: 'TCP' }],
        },
      };
    });
  }
}
