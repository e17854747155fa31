import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { ComponentService, RestAPI } from '../../resources/index.ts';

interface Ingress extends KubernetesObject {
  spec: object;
}

/** Exposes the model under a host name from an annotation. For traffic, a NetworkPolicy must admit your ingress controller. */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', dependsOn: [ComponentService] })
export class ModelIngress implements Dependent<RestAPI, Ingress> {
  when(api: RestAPI): boolean {
    return api.spec.model.enabled && host(api) !== undefined;
  }

  desired(api: RestAPI): Ingress {
    const backend = { service: { name: `${api.metadata.name}-model`, port: { name: 'http' } } };
    const paths = [{ path: '/', pathType: 'Prefix', backend }];
    return {
      metadata: { name: `${api.metadata.name}-model` },
      spec: { rules: [{ host: host(api), http: { paths } }] },
    };
  }
}

function host(api: RestAPI): string | undefined {
  return api.metadata.annotations?.['example.com/host'];
}
