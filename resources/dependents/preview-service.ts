import { type Dependent, DependentResource } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import { activeEnvironment, type Decision } from '../model/decision.ts';
import { enabledComponents } from '../model/enabled-components.ts';
import { environmentSelector } from '../model/labels.ts';
import { previewName } from '../model/object-names.ts';
import type { Service } from '../templates/service.ts';
import { trafficService } from '../templates/traffic-service.ts';
import { FrontService } from './front-service.ts';

/**
 * Address of the environment that is not active, `<name>-preview`, with a port per component, to test a release before
 * its promotion.
 */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'Service', dependsOn: [FrontService] })
export class PreviewService implements Dependent<RestAPI, Service, Decision | undefined> {
  desired(api: RestAPI, decision?: Decision): Service | undefined {
    if (!decision?.preview) return undefined;
    const { preview, environments } = decision;
    // Before the first release there are no pods to select; the ports are those of the active environment.
    const shown = environments.find(({ name }) => name === preview) ?? activeEnvironment(decision);
    const selector = environmentSelector(api, preview);
    return trafficService('preview', previewName(api), shown, selector, enabledComponents(shown.api));
  }
}
