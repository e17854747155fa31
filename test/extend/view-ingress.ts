import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { ComponentService, RestAPI } from '../../resources/index.ts';

interface Ingress extends KubernetesObject {
  spec: object;
}

/** Lets the outside reach the view under a host name taken from an annotation. */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', dependsOn: [ComponentService] })
export class ViewIngress implements Dependent<RestAPI, Ingress> {
  when(api: RestAPI): boolean {
    return api.spec.view.enabled && host(api) !== undefined;
  }

  desired(api: RestAPI): Ingress {
    const backend = { service: { name: `${api.metadata.name}-view`, port: { name: 'http' } } };
    const paths = [{ path: '/', pathType: 'Prefix', backend }];
    return { metadata: { name: `${api.metadata.name}-view` }, spec: { rules: [{ host: host(api), http: { paths } }] } };
  }
}

function host(api: RestAPI): string | undefined {
  return api.metadata.annotations?.['example.com/host'];
}
