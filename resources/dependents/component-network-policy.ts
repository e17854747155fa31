import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { COMPONENTS, type ComponentName, RestAPI } from '../api/rest-api.ts';
import { type Decision, plainDecision } from '../model/decision.ts';
import { entryComponent } from '../model/enabled-components.ts';
import { deployedComponents, type Environment } from '../model/environment.ts';
import { applicationSelector, commonLabels, componentSelector } from '../model/labels.ts';
import { componentObjectName } from '../model/object-names.ts';
import { componentMetrics } from '../templates/component-metrics.ts';

/** Labels of the operator's pods, as in kustomize/base. */
const OPERATOR_PODS = { 'app.kubernetes.io/name': 'restapi-operator' };

/** Labels of Prometheus pods, as set by its Helm chart and by the Prometheus Operator. */
const PROMETHEUS_PODS = { 'app.kubernetes.io/name': 'prometheus' };

export interface NetworkPolicy extends KubernetesObject {
  spec: { podSelector: object; policyTypes: string[]; ingress: object[] };
}

/**
 * Restricts ingress to the components. The entry component (the view, or the next one behind it if the view is disabled)
 * accepts all clients, and so does the one that the front Service still leads to; the others accept the components of the same RestAPI, and the operator if it runs HTTP checks
 * against them. Only the component's port is open, and the metrics port for Prometheus. One policy covers all
 * environments, so that a component removed in the new version stays protected in the old, and the entry components of
 * both are open while they differ.
 */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' })
export class ComponentNetworkPolicy implements Dependent<RestAPI, NetworkPolicy, Decision | undefined> {
  desired(api: RestAPI, { environments, front, operatorNamespace }: Decision = plainDecision(api)): NetworkPolicy[] {
    const entries = new Set([
      ...environments.flatMap(({ api, retained = [] }) => [entryComponent(api), ...retained]),
      ...(front.entry ? [front.entry] : []),
    ]);
    const deployed = new Set(environments.flatMap(deployedComponents));
    return COMPONENTS.filter((component) => deployed.has(component)).map((component) => ({
      metadata: { name: componentObjectName(api, component), labels: commonLabels(api, component) },
      spec: {
        podSelector: { matchLabels: componentSelector(api, component) },
        policyTypes: ['Ingress'],
        ingress: [
          {
            ...(entries.has(component) ? {} : { from: peers(api, component, operatorNamespace) }),
            ports: [{ port: component, protocol: 'TCP' }],
          },
          ...scraping(environments, component),
        ],
      },
    }));
  }
}

/** Returns the peers that may reach a component that is not the entry. */
function peers(api: RestAPI, component: ComponentName, operatorNamespace: string | undefined): object[] {
  const own = { podSelector: { matchLabels: applicationSelector(api) } };
  if (operatorNamespace === undefined || !askedByOperator(api, component)) return [own];
  return [
    own,
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } },
      podSelector: { matchLabels: OPERATOR_PODS },
    },
  ];
}

/** Returns a rule that allows Prometheus in any namespace to scrape metrics, if enabled. */
function scraping(environments: readonly Environment[], component: ComponentName): object[] {
  const ports = environments.flatMap(({ api }) => componentMetrics(api, component)?.portName ?? []);
  if (ports.length === 0) return [];
  return [
    {
      from: [{ namespaceSelector: {}, podSelector: { matchLabels: PROMETHEUS_PODS } }],
      ports: [...new Set(ports)].sort().map((port) => ({ port, protocol: 'TCP' })),
    },
  ];
}

/** Whether the operator sends requests to a component for an HTTP check. */
function askedByOperator(api: RestAPI, component: ComponentName): boolean {
  const { enabled = false, prePromotion = [], postPromotion = [] } = api.spec.blueGreen ?? {};
  if (!enabled) return false;
  return [...prePromotion, ...postPromotion].some(
    ({ http }) => http && (http.component ?? entryComponent(api)) === component,
  );
}
