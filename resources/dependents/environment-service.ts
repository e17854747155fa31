import { type Dependent, DependentResource } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import type { Decision } from '../model/decision.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import { environmentLabels, podSelector } from '../model/labels.ts';
import { environmentObjectName } from '../model/object-names.ts';
import { type Service, servicePort } from '../templates/service.ts';
import { TRAFFIC } from '../templates/traffic-service.ts';

/**
 * Address of each component within blue and green, `<name>-<component>-<environment>`. The components of an environment
 * only get these addresses, so that requests never cross versions.
 */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'Service' })
export class EnvironmentService implements Dependent<RestAPI, Service, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): Service[] {
    const colours =
      decision?.environments.filter(({ name, withoutServices }) => name !== 'main' && !withoutServices) ?? [];
    return colours.flatMap((environment) =>
      enabledComponents(environment.api).map((component) => ({
        metadata: {
          name: environmentObjectName(api, component, environment.name),
          labels: { ...environmentLabels(environment, component), [TRAFFIC]: 'environment' },
        },
        spec: {
          type: 'ClusterIP',
          selector: podSelector(environment, component),
          ports: [servicePort(environment.api, component)],
        },
      })),
    );
  }
}
