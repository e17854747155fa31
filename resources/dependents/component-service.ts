import { type Dependent, DependentResource } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import { activeEnvironment, type Decision, plainDecision } from '../model/decision.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import { commonLabels, podSelector } from '../model/labels.ts';
import { componentObjectName } from '../model/object-names.ts';
import { type Service, servicePort } from '../templates/service.ts';
import { TRAFFIC } from '../templates/traffic-service.ts';
import { FrontService } from './front-service.ts';

/** Stable address of each enabled component in the active environment. Switched after the front Service. */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'Service', dependsOn: [FrontService] })
export class ComponentService implements Dependent<RestAPI, Service, Decision | undefined> {
  desired(api: RestAPI, decision: Decision = plainDecision(api)): Service[] {
    const active = activeEnvironment(decision);
    return enabledComponents(active.api).map((component) => {
      const { type, annotations } = active.api.spec[component].service;
      const labels = { ...commonLabels(api, component), [TRAFFIC]: 'stable' };
      return {
        metadata: { name: componentObjectName(api, component), labels, annotations },
        spec: {
          type,
          selector: podSelector(active, component),
          ports: [servicePort(active.api, component)],
        },
      };
    });
  }
}
