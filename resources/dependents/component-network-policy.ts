import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { COMPONENTS, type ComponentName, RestAPI } from '../api/rest-api.ts';
import { type Decision, plainDecision } from '../model/decision.ts';
import { entryComponent } from '../model/enabled-components.ts';
import { deployedComponents, type Environment } from '../model/environment.ts';
import { applicationSelector, commonLabels, componentSelector } from '../model/labels.ts';
import { componentObjectName } from '../model/object-names.ts';
import { componentMetrics } from '../templates/component-metrics.ts';

const APPLICATION_NAME = 'app.kubernetes.io/name';

/** Labels of the operator's pods, as in kustomize/base. */
const OPERATOR_PODS = { [APPLICATION_NAME]: 'restapi-operator' };

/** Namespaces whose Prometheus may scrape metrics: that of kube-prometheus and of most installations. */
export const PROMETHEUS_NAMESPACES: readonly string[] = ['monitoring'];

/** Labels of Prometheus pods, as set by its Helm chart and by the Prometheus Operator. */
const PROMETHEUS_PODS = { [APPLICATION_NAME]: 'prometheus' };

export interface NetworkPolicy extends KubernetesObject {
  spec: { podSelector: object; policyTypes: string[]; ingress: IngressRule[] };
}

interface IngressRule {
  from?: Peer[];
  ports: object[];
}

interface Peer {
  namespaceSelector?: { matchLabels?: Record<string, string> };
  podSelector?: { matchLabels?: Record<string, string> };
}

const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/**
 * Restricts ingress to the components. The entry component (the view, or the next one behind it if the view is disabled)
 * accepts all clients, and so does the one that the front Service still leads to; the others accept the components of the same RestAPI, and the operator if it runs HTTP checks
 * against them. Only the component's port is open, and the metrics port for Prometheus in its configured namespaces. One policy covers all
 * environments, so that a component removed in the new version stays protected in the old, and the entry components of
 * both are open while they differ.
 */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' })
export class ComponentNetworkPolicy implements Dependent<RestAPI, NetworkPolicy, Decision | undefined> {
  desired(api: RestAPI, decision: Decision = plainDecision(api)): NetworkPolicy[] {
    const { environments, front, operatorNamespace, prometheusNamespaces = PROMETHEUS_NAMESPACES } = decision;
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
          ...scraping(environments, component, prometheusNamespaces),
        ],
      },
    }));
  }
}

/** Returns the peers that may reach a component that is not the entry. */
function peers(api: RestAPI, component: ComponentName, operatorNamespace: string | undefined): Peer[] {
  const own = { podSelector: { matchLabels: applicationSelector(api) } };
  if (operatorNamespace === undefined || !askedByOperator(api, component)) return [own];
  return [
    own,
    {
      ...inNamespace(operatorNamespace),
      podSelector: { matchLabels: OPERATOR_PODS },
    },
  ];
}

/** Selects a namespace by the label that the API server sets to its name, which no client can change. */
function inNamespace(name: string): Peer {
  return { namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: name } } };
}

/**
 * Returns a rule that allows Prometheus to scrape metrics, if enabled. Not from any namespace: a user who creates pods in one could label
 * them as Prometheus.
 */
function scraping(
  environments: readonly Environment[],
  component: ComponentName,
  namespaces: readonly string[],
): IngressRule[] {
  const ports = environments.flatMap(({ api }) => componentMetrics(api, component)?.portName ?? []);
  // A rule without peers would admit all clients.
  if (ports.length === 0 || namespaces.length === 0) return [];
  return [
    {
      from: namespaces.map((name) => ({ ...inNamespace(name), podSelector: { matchLabels: PROMETHEUS_PODS } })),
      ports: [...new Set(ports)].sort().map((port) => ({ port, protocol: 'TCP' })),
    },
  ];
}

/** Returns the namespaces whose Prometheus the generated policies let in: the setting of the operator that wrote them. */
export function scrapingNamespaces(policies: readonly NetworkPolicy[]): string[] {
  const peers = policies.flatMap(({ spec }) => spec.ingress ?? []).flatMap(({ from = [] }) => from);
  const names = peers
    .filter(({ podSelector }) => podSelector?.matchLabels?.[APPLICATION_NAME] === PROMETHEUS_PODS[APPLICATION_NAME])
    .flatMap(({ namespaceSelector }) => namespaceSelector?.matchLabels?.[NAMESPACE_NAME] ?? []);
  return [...new Set(names)];
}

/** Whether the operator sends requests to a component for an HTTP check. */
function askedByOperator(api: RestAPI, component: ComponentName): boolean {
  const { enabled = false, prePromotion = [], postPromotion = [] } = api.spec.blueGreen ?? {};
  if (!enabled) return false;
  return [...prePromotion, ...postPromotion].some(
    ({ http }) => http && (http.component ?? entryComponent(api)) === component,
  );
}
