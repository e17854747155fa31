import { type Dependent, DependentResource } from '../operator/index.ts';
import type { Service } from './component-service.ts';
import { activeEnvironment, type Decision, plainDecision } from './decision.ts';
import { RestAPI } from './rest-api.ts';
import { trafficService } from './traffic-service.ts';

/** Annotations of the front Service, written together with its selector. */
export const FRONT_ANNOTATIONS = {
  environment: 'restapi.dev/active-environment',
  revision: 'restapi.dev/active-revision',
  previousRevision: 'restapi.dev/previous-revision',
  switchedAt: 'restapi.dev/switched-at',
} as const;

/**
 * The one address of the whole application, `<name>`. Its selector says which environment is active: a release of all
 * components is one write to it. The annotations say the same for the operator, so that a selector edited by hand is
 * told from one it wrote.
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
    return trafficService('front', frontName(api), activeEnvironment(decision), annotations);
  }
}

/** Name of the Service in front of all components. */
export function frontName(api: RestAPI): string {
  return String(api.metadata.name);
}
