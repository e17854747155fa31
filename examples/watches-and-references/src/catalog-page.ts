import { type Dependent, DependentResource, type KubernetesObject } from 'restapi-operator/operator';
import { Catalog } from './catalog.ts';

interface ConfigMap extends KubernetesObject {
  data: Record<string, string>;
}

/** What the controller decides and passes to `context.apply()`. */
export interface Decision {
  addresses: string[];
  credentialsHash: string | undefined;
}

/**
 * The ConfigMap with the list. A dependent does no I/O: all that it uses is in the resource and in the decision.
 * The hash changes with the Secret; in the annotations of a pod template it would start a rollout.
 */
@DependentResource(Catalog, { apiVersion: 'v1', kind: 'ConfigMap' })
export class CatalogPage implements Dependent<Catalog, ConfigMap, Decision> {
  when(_catalog: Catalog, { credentialsHash }: Decision): boolean {
    return credentialsHash !== undefined;
  }

  desired({ metadata }: Catalog, { addresses, credentialsHash = '' }: Decision): ConfigMap {
    return { metadata: { name: `${metadata.name}-page` }, data: { addresses: addresses.join('\n'), credentialsHash } };
  }
}
