import {
  type Condition,
  type Dependent,
  DependentResource,
  type KubernetesObject,
  type StoredObject,
} from '../../operator/index.ts';
import type { GatewayReference } from '../api/gateway-reference.ts';
import { RestAPI } from '../api/rest-api.ts';
import { activeEnvironment, type Decision, plainDecision } from '../model/decision.ts';
import { commonLabels } from '../model/labels.ts';
import { componentObjectName, frontName } from '../model/object-names.ts';
import { FrontService } from './front-service.ts';

export interface HTTPRoute extends KubernetesObject {
  spec: { parentRefs: GatewayReference[]; hostnames: string[]; rules: object[] };
  status?: { parents?: RouteParentStatus[] };
}

/** Status of a route, reported by the controller of one Gateway. */
export interface RouteParentStatus {
  parentRef: GatewayReference;
  controllerName: string;
  conditions?: Condition[];
}

/** Conditions that must be true for a Gateway to route traffic (Gateway API, RouteConditionType). */
const CONDITIONS = ['Accepted', 'ResolvedRefs'];

/** Exposes the view by a Gateway, if spec.view.expose.gateway is set. */
@DependentResource(RestAPI, {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  ifKindMissing: 'wait',
  dependsOn: [FrontService],
})
export class ViewHTTPRoute implements Dependent<RestAPI, HTTPRoute, Decision | undefined> {
  desired(api: RestAPI, decision: Decision = plainDecision(api)): HTTPRoute | undefined {
    const { enabled, expose, port } = activeEnvironment(decision).api.spec.view;
    if (!enabled || !expose?.gateway) return undefined;
    const { host, gateway, annotations } = expose;
    return {
      metadata: { name: componentObjectName(api, 'view'), labels: commonLabels(api, 'view'), annotations },
      spec: {
        parentRefs: [gateway],
        hostnames: [host],
        // The API server defaults the match to all paths.
        rules: [{ backendRefs: [{ name: frontName(api), port }] }],
      },
    };
  }

  // Unlike an Ingress, a route reports whether it is accepted; one that is not (for example because allowedRoutes
  // excludes its namespace) is never served. So the RestAPI waits for it and shows the reason. Argo CD and Flux use the
  // same conditions.
  ready({ metadata, spec, status }: StoredObject<HTTPRoute>): true | string {
    const [wanted] = spec.parentRefs;
    const ours = status?.parents?.find(({ parentRef }) => wanted && sameParent(parentRef, wanted, metadata.namespace));
    const conditions = ours?.conditions?.filter(({ type }) => CONDITIONS.includes(type)) ?? [];
    if (!ours || conditions.length === 0) return 'no Gateway controller has processed it yet';
    if (conditions.some(({ observedGeneration }) => isOlder(observedGeneration, metadata.generation)))
      return `${ours.controllerName} has not processed the latest change yet`;
    const bad = conditions.find(({ status }) => status !== 'True');
    if (bad) return `${ours.controllerName} reports ${bad.type}=${bad.status} (${bad.reason}): ${bad.message}`;
    return conditions.length === CONDITIONS.length || `${ours.controllerName} has not reported all conditions yet`;
  }
}

/** A parent's namespace defaults to the route's; controllers may leave it out in the status. */
function sameParent(one: GatewayReference, other: GatewayReference, namespace: string | undefined): boolean {
  return (
    one.name === other.name &&
    (one.namespace ?? namespace) === (other.namespace ?? namespace) &&
    one.sectionName === other.sectionName
  );
}

/** observedGeneration is optional. */
function isOlder(observed: number | undefined, generation = 0): boolean {
  return observed !== undefined && observed < generation;
}
