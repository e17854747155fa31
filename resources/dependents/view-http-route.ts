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

/** What the controller of one Gateway says of a route. */
export interface RouteParentStatus {
  parentRef: GatewayReference;
  controllerName: string;
  conditions?: Condition[];
}

/** Both must be true for a Gateway to pass requests on (Gateway API, RouteConditionType). */
const CONDITIONS = ['Accepted', 'ResolvedRefs'];

/** The way from outside to the view by a Gateway, where spec.view.expose names one. */
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
        // The API server makes it match every path.
        rules: [{ backendRefs: [{ name: frontName(api), port }] }],
      },
    };
  }

  // Unlike an Ingress, a route says whether it is taken, and one that is not (the Gateway's allowedRoutes leave its
  // namespace out, say) is never served. So the RestAPI waits for it: its user asked to be reached and would look for the
  // reason here. Argo CD and Flux count a route as healthy by the same conditions.
  ready({ metadata, spec, status }: StoredObject<HTTPRoute>): true | string {
    const [wanted] = spec.parentRefs;
    const ours = status?.parents?.find(({ parentRef }) => wanted && sameParent(parentRef, wanted, metadata.namespace));
    const conditions = ours?.conditions?.filter(({ type }) => CONDITIONS.includes(type)) ?? [];
    if (!ours || conditions.length === 0) return 'no Gateway controller has looked at it yet';
    if (conditions.some(({ observedGeneration }) => isOlder(observedGeneration, metadata.generation)))
      return `${ours.controllerName} has not looked at the change yet`;
    const bad = conditions.find(({ status }) => status !== 'True');
    if (bad) return `${ours.controllerName} says ${bad.type} is ${bad.status} (${bad.reason}): ${bad.message}`;
    return conditions.length === CONDITIONS.length || `${ours.controllerName} has not looked at all of it yet`;
  }
}

/** A parent's namespace is the route's own if left out; of a status, controllers write it or not. */
function sameParent(one: GatewayReference, other: GatewayReference, namespace: string | undefined): boolean {
  return (
    one.name === other.name &&
    (one.namespace ?? namespace) === (other.namespace ?? namespace) &&
    one.sectionName === other.sectionName
  );
}

/** Controllers need not tell the generation. */
function isOlder(observed: number | undefined, generation = 0): boolean {
  return observed !== undefined && observed < generation;
}
