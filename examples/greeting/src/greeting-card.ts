import { type Dependent, DependentResource, type KubernetesObject } from 'restapi-operator/operator';
import { Greeting } from './greeting.ts';

interface ConfigMap extends KubernetesObject {
  data: Record<string, string>;
}

/** The dependent: each Greeting owns a ConfigMap. The framework adds the namespace, the owner reference and labels. */
@DependentResource(Greeting, { apiVersion: 'v1', kind: 'ConfigMap' })
export class GreetingCard implements Dependent<Greeting, ConfigMap> {
  desired({ metadata, spec }: Greeting): ConfigMap {
    return { metadata: { name: `${metadata.name}-card` }, data: { text: spec.text } };
  }
}
