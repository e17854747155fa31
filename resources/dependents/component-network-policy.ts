import { type Dependent, DependentResource, type KubernetesObject } from '../../operator/index.ts';
import { COMPONENTS, type ComponentName, RestAPI } from '../api/rest-api.ts';
import { type Decision, plainDecision } from '../model/decision.ts';
import { entryComponent } from '../model/enabled-components.ts';
import type { Environment } from '../model/environment.ts';
import { applicationSelector, commonLabels, componentSelector } from '../model/labels.ts';
import { componentObjectName } from '../model/object-names.ts';
import { componentMetrics } from '../templates/component-metrics.ts';

/** Labels of the operator's own pods, as kustomize/base gives them. */
const OPERATOR_PODS = { 'app.kubernetes.io/name': 'restapi-operator' };

/** Labels of the pods of Prometheus, as its Helm chart and the Prometheus Operator give them. */
const PROMETHEUS_PODS = { 'app.kubernetes.io/name': 'prometheus' };

export interface NetworkPolicy extends KubernetesObject {
  spec: { podSelector: object; policyTypes: string[]; ingress: object[] };
}

/**
 * Who may talk to a component: anybody to the view, which faces the outside; to the others only the components of the
 * same RestAPI, and the operator where a check has it ask. Only the component's own port is
 * open, and to Prometheus that of the metrics, where spec.observability has it look. One for all
 * environments: a component that a new version no longer has is still protected where the old one runs.
 */
@DependentResource(RestAPI, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' })
export class ComponentNetworkPolicy implements Dependent<RestAPI, NetworkPolicy, Decision | undefined> {
  desired(api: RestAPI, { environments, operatorNamespace }: Decision = plainDecision(api)): NetworkPolicy[] {
    return COMPONENTS.filter((component) => environments.some(({ api: { spec } }) => spec[component].enabled)).map(
      (component) => ({
        metadata: { name: componentObjectName(api, component), labels: commonLabels(api, component) },
        spec: {
          podSelector: { matchLabels: componentSelector(api, component) },
          policyTypes: ['Ingress'],
          ingress: [
            { ...peers(api, component, operatorNamespace), ports: [{ port: component, protocol: 'TCP' }] },
            ...scraping(environments, component),
          ],
        },
      }),
    );
  }
}

/** Without `from` everybody may come. */
function peers(api: RestAPI, component: ComponentName, operatorNamespace: string | undefined): object {
  if (component === 'view') return {};
  const own = { podSelector: { matchLabels: applicationSelector(api) } };
  if (operatorNamespace === undefined || !askedByOperator(api, component)) return { from: [own] };
  return {
    from: [
      own,
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': operatorNamespace } },
        podSelector: { matchLabels: OPERATOR_PODS },
      },
    ],
  };
}

/** Prometheus is let in where it is to look, wherever it runs. */
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

/** Whether a check has the operator itself ask a component. */
function askedByOperator(api: RestAPI, component: ComponentName): boolean {
  const { enabled = false, prePromotion = [], postPromotion = [] } = api.spec.blueGreen ?? {};
  if (!enabled) return false;
  return [...prePromotion, ...postPromotion].some(
    ({ http }) => http && (http.component ?? entryComponent(api)) === component,
  );
}
