import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import { type Decision, plainDecision } from '../model/decision.ts';
import { environmentLabels } from '../model/labels.ts';
import { environmentName } from '../model/object-names.ts';

export interface ConfigMap extends KubernetesObject {
  data: Record<string, string>;
}

/** ConfigMaps with spec.envVars, one per environment. */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'ConfigMap' })
export class EnvironmentConfigMap implements Dependent<RestAPI, ConfigMap, Decision | undefined> {
  desired(api: RestAPI, { environments }: Decision = plainDecision(api)): ConfigMap[] {
    return environments.map((environment) => ({
      metadata: { name: environmentName(environment), labels: environmentLabels(environment) },
      // Not copied: assignment would lose keys such as `__proto__`.
      data: environment.api.spec.envVars ?? {},
    }));
  }
}
