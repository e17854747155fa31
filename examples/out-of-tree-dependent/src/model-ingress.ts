import { type Dependent, DependentResource, type KubernetesObject } from 'restapi-operator/operator';
import { ComponentService, RestAPI } from 'restapi-operator/resources';

interface Ingress extends KubernetesObject {
  spec: object;
}

/**
 * Exposes the model by an Ingress. The host name comes from an annotation of the RestAPI. The model's NetworkPolicy admits
 * only pods of the same RestAPI: for real traffic, add one that admits your ingress controller.
 */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', dependsOn: [ComponentService] })
export class ModelIngress implements Dependent<RestAPI, Ingress> {
  when(api: RestAPI): boolean {
    return api.spec.model.enabled && host(api) !== undefined;
  }

  desired(api: RestAPI): Ingress {
    const name = `${api.metadata.name}-model`;
    const backend = { service: { name, port: { name: 'http' } } };
    return {
      metadata: { name },
      spec: { rules: [{ host: host(api), http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
    };
  }
}

function host(api: RestAPI): string | undefined {
  return api.metadata.annotations?.['example.com/host'];
}
