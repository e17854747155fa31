import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import { activeEnvironment, type Decision, plainDecision } from '../model/decision.ts';
import { commonLabels } from '../model/labels.ts';
import { componentObjectName, frontName } from '../model/object-names.ts';
import { FrontService } from './front-service.ts';

export interface Ingress extends KubernetesObject {
  spec: object;
}

/** Exposes the view by an Ingress, if spec.view.expose is set without a Gateway. */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', dependsOn: [FrontService] })
export class ViewIngress implements Dependent<RestAPI, Ingress, Decision | undefined> {
  desired(api: RestAPI, decision: Decision = plainDecision(api)): Ingress | undefined {
    const { enabled, expose } = activeEnvironment(decision).api.spec.view;
    if (!enabled || !expose || expose.gateway) return undefined;
    const { host, ingressClassName, annotations } = expose;
    const backend = { service: { name: frontName(api), port: { name: 'view' } } };
    const paths = [{ path: '/', pathType: 'Prefix', backend }];
    return {
      metadata: { name: componentObjectName(api, 'view'), labels: commonLabels(api, 'view'), annotations },
      spec: { ingressClassName, rules: [{ host, http: { paths } }] },
    };
  }
}
