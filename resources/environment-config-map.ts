import { type Dependent, DependentResource, type KubernetesObject } from '../operator/index.ts';
import { commonLabels } from './labels.ts';
import { RestAPI } from './rest-api.ts';

export interface ConfigMap extends KubernetesObject {
  data: Record<string, string>;
}

/** The variables of spec.envVars, which all components read. */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'ConfigMap' })
export class EnvironmentConfigMap implements Dependent<RestAPI, ConfigMap> {
  desired(api: RestAPI): ConfigMap {
    return {
      metadata: { name: environmentName(api), labels: commonLabels(api) },
      // As it is: a copy by assignment would lose a key such as `__proto__`.
      data: api.spec.envVars ?? {},
    };
  }
}

/** Name of the ConfigMap with the variables of spec.envVars. */
export function environmentName(api: RestAPI): string {
  return `${api.metadata.name}-env`;
}
