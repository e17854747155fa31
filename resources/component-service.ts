import { type Dependent, DependentResource, type KubernetesObject } from '../operator/index.ts';
import { enabledComponents } from './enabled-components.ts';
import { commonLabels, componentObjectName, componentSelector } from './labels.ts';
import { RestAPI } from './rest-api.ts';

export interface Service extends KubernetesObject {
  spec: { type: string; selector: Record<string, string>; ports: object[] };
}

/** The stable address of each enabled component. */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'Service' })
export class ComponentService implements Dependent<RestAPI, Service> {
  desired(api: RestAPI): Service[] {
    return enabledComponents(api).map((component) => {
      const { port, service } = api.spec[component];
      const { type, annotations } = service;
      return {
        metadata: { name: componentObjectName(api, component), labels: commonLabels(api, component), annotations },
        spec: {
          type,
          selector: componentSelector(api, component),
          // The container's port by its name: it may differ from pod to pod while a change of it rolls out.
          ports: [{ name: 'http', port, targetPort: component, protocol: 'TCP' }],
        },
      };
    });
  }
}
