import { type Dependent, DependentResource, type KubernetesObject } from '../operator/index.ts';
import { ComponentService } from './component-service.ts';
import { commonLabels, componentObjectName } from './labels.ts';
import { RestAPI } from './rest-api.ts';

export interface Ingress extends KubernetesObject {
  spec: object;
}

/** The way from outside to the view, where spec.view.expose asks for one and names no Gateway. */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', dependsOn: [ComponentService] })
export class ViewIngress implements Dependent<RestAPI, Ingress> {
  desired(api: RestAPI): Ingress | undefined {
    const { enabled, expose } = api.spec.view;
    if (!enabled || !expose || expose.gateway) return undefined;
    const { host, ingressClassName, annotations } = expose;
    const name = componentObjectName(api, 'view');
    const paths = [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { name: 'http' } } } }];
    return {
      metadata: { name, labels: commonLabels(api, 'view'), annotations },
      spec: { ingressClassName, rules: [{ host, http: { paths } }] },
    };
  }
}
