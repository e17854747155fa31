import { type Dependent, DependentResource } from '../../operator/index.ts';
import { RestAPI } from '../api/rest-api.ts';
import { activeEnvironment, type Decision, plainDecision } from '../model/decision.ts';
import { entryComponent } from '../model/enabled-components.ts';
import { podSelector } from '../model/labels.ts';
import { frontName } from '../model/object-names.ts';
import { serializeRevisions } from '../model/revision-backup.ts';
import type { Service } from '../templates/service.ts';
import { trafficService } from '../templates/traffic-service.ts';

/** Annotations of the front Service, written together with its selector. */
export const FRONT_ANNOTATIONS = {
  environment: 'restapi.dev/active-environment',
  revision: 'restapi.dev/active-revision',
  previousRevision: 'restapi.dev/previous-revision',
  switchedAt: 'restapi.dev/switched-at',
} as const;

/** Annotation of the front Service with a copy of the active revision and the one before, as JSON. */
export const REVISION_BACKUP = 'restapi.dev/revision-backup';

/**
 * Address of the application, `<name>`, which routes to the entry component. Its selector determines the active
 * environment: one write switches all components, because the components of an environment only call each other. The
 * annotations repeat the selection, so that the operator detects a manually edited selector.
 *
 * It has a single port: for Services with several ports on different pods, the EndpointSlice controller of Kubernetes
 * 1.37 reuses the slice of one port for another, so that a port has no endpoints for a moment.
 */
@DependentResource(RestAPI, { apiVersion: 'v1', kind: 'Service' })
export class FrontService implements Dependent<RestAPI, Service, Decision | undefined> {
  desired(api: RestAPI, decision: Decision = plainDecision(api)): Service {
    const { front, backup = [] } = decision;
    const copy = serializeRevisions(backup);
    const state = Object.fromEntries(
      Object.entries(FRONT_ANNOTATIONS).flatMap(([field, annotation]) => {
        const value = front[field as keyof typeof FRONT_ANNOTATIONS];
        return value === undefined ? [] : [[annotation, value]];
      }),
    );
    const active = activeEnvironment(decision);
    const entry = entryComponent(active.api);
    const service = trafficService('front', frontName(api), active, podSelector(active, entry), [entry]);
    return {
      ...service,
      metadata: { ...service.metadata, annotations: { ...state, ...(copy && { [REVISION_BACKUP]: copy }) } },
    };
  }
}
