import { type Dependent, DependentResource } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import { activeEnvironment, type Decision, plainDecision } from '../model/decision.ts';
import { entryComponent } from '../model/enabled-components.ts';
import { podSelector } from '../model/labels.ts';
import { frontName } from '../model/object-names.ts';
import type { Service } from '../templates/service.ts';
import { trafficService } from '../templates/traffic-service.ts';

/** Annotations of the front Service, written together with its selector. */
export const FRONT_ANNOTATIONS = {
  environment: 'restapi.dev/active-environment',
  revision: 'restapi.dev/active-revision',
  previousRevision: 'restapi.dev/previous-revision',
  switchedAt: 'restapi.dev/switched-at',
} as const;

/**
 * The one address of the whole application, `<name>`, where requests come in: at the entry component. Its selector says
 * which environment is active: a release of all components is one write to it, as the components of an environment know
 * only each other. The annotations say the same for the operator, so that a selector edited by hand is told from one it
 * wrote.
 *
 * It has a single port: where a Service has several, of different pods each, the EndpointSlice controller of Kubernetes
 * 1.37 writes the new endpoints of one port into the slice that held another's, so that a port has none for a moment.
 */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'Service' })
export class FrontService implements Dependent<RestAPI, Service, Decision | undefined> {
  desired(api: RestAPI, decision: Decision = plainDecision(api)): Service {
    const { front } = decision;
    const annotations = Object.fromEntries(
      Object.entries(FRONT_ANNOTATIONS).flatMap(([field, annotation]) => {
        const value = front[field as keyof typeof FRONT_ANNOTATIONS];
        return value === undefined ? [] : [[annotation, value]];
      }),
    );
    const active = activeEnvironment(decision);
    const entry = entryComponent(active.api);
    const service = trafficService('front', frontName(api), active, podSelector(active, entry), [entry]);
    return { ...service, metadata: { ...service.metadata, annotations } };
  }
}
