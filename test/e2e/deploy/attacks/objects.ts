import { type Attack, at, attack, metadata, NO_RIGHT, OTHER, REMAINS, REMAINS_ELSEWHERE, TAKE_OVER } from './attack.ts';

const NETWORKING = 'networking.k8s.io/v1';
const POLICY = 'policy/v1';
const AUTOSCALING = 'autoscaling/v2';
const RESTAPI = 'restapi.dev/v1alpha1';
const DATA = { data: { stolen: 'yes' } };
const THEIRS = { matchLabels: { app: 'payments' } };

const service = (spec: object) => ({ metadata: metadata('stolen'), spec: { ports: [{ port: 80 }], ...spec } });
const eviction = (name: string, preconditions?: object) => ({
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name },
  deleteOptions: { preconditions },
});
const event = (regarding: object) => ({
  metadata: { generateName: 'stolen-' },
  eventTime: '2026-01-01T00:00:00.000000Z',
  reportingController: 'restapi-operator',
  reportingInstance: 'restapi-operator-0',
  type: 'Warning',
  reason: 'Stolen',
  action: 'Steal',
  note: 'call 555-0100',
  regarding,
});
const autoscaler = (name: string) => ({
  metadata: metadata('stolen'),
  spec: { maxReplicas: 1000, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
});

/** Attacks by the other kinds that the operator writes. */
export const OBJECT_ATTACKS: Attack[] = [
  attack('change of another ConfigMap', ['PATCH', at('', 'configmaps', 'payments'), DATA]),
  attack('takeover of another ConfigMap by our label and owner', [
    'PATCH',
    at('', 'configmaps', 'payments'),
    { ...TAKE_OVER, ...DATA },
  ]),
  attack('deletion of another ConfigMap', ['DELETE', at('', 'configmaps', 'payments')]),
  attack('ConfigMap without a RestAPI as owner', ['POST', at('', 'configmaps'), { metadata: { name: 'stolen' } }]),
  attack('certificate authority of a namespace', ['PATCH', at('', 'configmaps', 'kube-root-ca.crt'), DATA]),
  attack('configuration of kube-system', [
    'PATCH',
    at('', 'configmaps', 'extension-apiserver-authentication', 'kube-system'),
    DATA,
  ]),
  attack('ConfigMap in kube-system that looks generated', [
    'POST',
    at('', 'configmaps', undefined, 'kube-system'),
    { metadata: metadata('stolen'), ...DATA },
  ]),
  attack('other pods behind another Service', [
    'PATCH',
    at('', 'services', 'payments'),
    { spec: { selector: { 'restapi.dev/name': 'shop' } } },
  ]),
  attack('deletion of another Service', ['DELETE', at('', 'services', 'payments')]),
  attack('Service that takes the traffic of an external address', [
    'POST',
    at('', 'services'),
    service({ externalIPs: ['203.0.113.7'] }),
  ]),
  attack(
    'Service that selects pods of others',
    ['POST', at('', 'services'), service({ selector: { app: 'payments' } })],
    REMAINS,
    'dependents of extensions may; only clients that use its name are led there',
  ),
  attack(
    'Service that is a load balancer',
    ['POST', at('', 'services'), service({ type: 'LoadBalancer' })],
    REMAINS,
    'RestAPIs may request load balancers',
  ),
  attack('deletion of another NetworkPolicy', ['DELETE', at(NETWORKING, 'networkpolicies', 'payments')]),
  attack('NetworkPolicy that opens pods of others', [
    'POST',
    at(NETWORKING, 'networkpolicies'),
    { metadata: metadata('stolen'), spec: { podSelector: THEIRS, ingress: [{}] } },
  ]),
  attack('NetworkPolicy that isolates every pod of the namespace', [
    'POST',
    at(NETWORKING, 'networkpolicies'),
    { metadata: metadata('stolen'), spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } },
  ]),
  attack('deletion of another PodDisruptionBudget', ['DELETE', at(POLICY, 'poddisruptionbudgets', 'payments')]),
  attack('PodDisruptionBudget that blocks drains of pods of others', [
    'POST',
    at(POLICY, 'poddisruptionbudgets'),
    { metadata: metadata('stolen'), spec: { maxUnavailable: 0, selector: THEIRS } },
  ]),
  attack('HorizontalPodAutoscaler of another Deployment', [
    'POST',
    at(AUTOSCALING, 'horizontalpodautoscalers'),
    autoscaler('payments'),
  ]),
  attack('deletion of another HorizontalPodAutoscaler', [
    'DELETE',
    at(AUTOSCALING, 'horizontalpodautoscalers', 'payments'),
  ]),
  attack('other backend of another Ingress', [
    'PATCH',
    at(NETWORKING, 'ingresses', 'payments'),
    { spec: { defaultBackend: { service: { name: 'shop', port: { number: 80 } } } } },
  ]),
  attack('deletion of another Ingress', ['DELETE', at(NETWORKING, 'ingresses', 'payments')]),
  attack(
    'Ingress for any host, with any annotation',
    [
      'POST',
      at(NETWORKING, 'ingresses'),
      {
        metadata: metadata('stolen'),
        spec: { defaultBackend: { service: { name: 'shop', port: { number: 80 } } } },
      },
    ],
    REMAINS,
    'RestAPIs may set host and annotations',
  ),
  attack('deletion of another volume claim', ['DELETE', at('', 'persistentvolumeclaims', 'payments')]),
  attack('image pull secrets of another ServiceAccount', [
    'PATCH',
    at('', 'serviceaccounts', 'deployer'),
    { imagePullSecrets: [{ name: 'stolen' }] },
  ]),
  attack('deletion of another ServiceAccount', ['DELETE', at('', 'serviceaccounts', 'deployer')]),
  attack('change of a revision of a StatefulSet', [
    'PATCH',
    at('apps/v1', 'controllerrevisions', 'payments-1'),
    { revision: 9 },
  ]),
  attack(
    'deletion of a generated object',
    ['DELETE', at('apps/v1', 'deployments', 'shop-view')],
    REMAINS,
    'deleting what a RestAPI no longer needs is what the operator does',
  ),
  attack('eviction of a pod of kube-system', ['POST', at('', 'pods', 'dns/eviction', 'kube-system'), eviction('dns')]),
  attack('eviction of a pod without its uid', ['POST', at('', 'pods', 'payments/eviction'), eviction('payments')]),
  attack(
    'eviction of a pod of another application',
    ['POST', at('', 'pods', 'payments/eviction'), eviction('payments', { uid: 'UID' })],
    REMAINS,
    'an eviction does not show the pod; PodDisruptionBudgets limit it',
  ),
  attack('resize of a pod of another application', [
    'PATCH',
    at('', 'pods', 'payments/resize'),
    { spec: { containers: [{ name: 'app', image: 'payments:1', resources: { requests: { cpu: '2m' } } }] } },
  ]),
  attack('deletion of a pod', ['DELETE', at('', 'pods', 'payments')], NO_RIGHT),
  attack('command in a pod', ['POST', `${at('', 'pods', 'payments/exec')}?command=id`], NO_RIGHT),
  attack('debug container in a pod', ['PATCH', at('', 'pods', 'payments/ephemeralcontainers'), {}], NO_RIGHT),
  attack('other image in the spec of a RestAPI', [
    'PATCH',
    at(RESTAPI, 'restapis', 'shop'),
    { spec: { image: 'x:1' } },
  ]),
  attack('promotion of a release', [
    'PATCH',
    at(RESTAPI, 'restapis', 'shop'),
    { metadata: { annotations: { 'restapi.dev/promote': 'abc' } } },
  ]),
  attack('labels of a RestAPI', ['PATCH', at(RESTAPI, 'restapis', 'shop'), { metadata: { labels: { a: 'b' } } }]),
  attack('annotation of another tool on a RestAPI', [
    'PATCH',
    at(RESTAPI, 'restapis', 'shop'),
    { metadata: { annotations: { 'example.com/note': null } } },
  ]),
  attack('finalizer of another controller on a RestAPI', [
    'PATCH',
    at(RESTAPI, 'restapis', 'shop'),
    { metadata: { finalizers: ['restapi.dev/finalizer'] } },
  ]),
  attack(
    'false status of a RestAPI',
    ['PATCH', at(RESTAPI, 'restapis', 'shop/status'), { status: { message: 'fine' } }],
    REMAINS,
    'the operator reports by it',
  ),
  attack('RestAPI', ['POST', at(RESTAPI, 'restapis'), { metadata: { name: 'stolen' }, spec: {} }], NO_RIGHT),
  attack('deletion of a RestAPI', ['DELETE', at(RESTAPI, 'restapis', 'shop')], NO_RIGHT),
  attack(
    'Event about a Node',
    ['POST', at('events.k8s.io/v1', 'events', undefined, 'default'), event({ kind: 'Node', name: 'node-0' })],
    [true, false, false],
  ),
  attack(
    'Event about a RestAPI',
    [
      'POST',
      at('events.k8s.io/v1', 'events'),
      event({ apiVersion: RESTAPI, kind: 'RestAPI', name: 'shop', namespace: 'apps' }),
    ],
    REMAINS,
    'the operator reports by it',
  ),
  attack('Lease of another program', [
    'POST',
    at('coordination.k8s.io/v1', 'leases', undefined, 'restapi-system'),
    { metadata: { name: 'stolen' }, spec: {} },
  ]),
  attack(
    'Lease of the operator, to take over or stop it',
    [
      'PATCH',
      at('coordination.k8s.io/v1', 'leases', 'restapi-operator', 'restapi-system'),
      { spec: { holderIdentity: 'x' } },
    ],
    REMAINS,
    'the leader election writes it',
  ),
  attack(
    'Lease of the scheduler',
    ['PATCH', at('coordination.k8s.io/v1', 'leases', 'kube-scheduler', 'kube-system'), {}],
    NO_RIGHT,
  ),
  attack(
    'Secret of a served namespace',
    ['GET', at('', 'secrets', 'db')],
    REMAINS,
    'reads are not subject to admission, and RestAPIs may name any Secret',
  ),
  attack(
    'Secret of another namespace',
    ['GET', at('', 'secrets', 'db', OTHER)],
    REMAINS_ELSEWHERE,
    'as above, in every namespace that is served',
  ),
  attack(
    'Secrets of the whole cluster',
    ['GET', '/api/v1/secrets'],
    REMAINS_ELSEWHERE,
    'watching needs list; the operator itself asks for metadata only',
  ),
  attack('change of a Secret', ['PATCH', at('', 'secrets', 'db'), { data: { a: '' } }], NO_RIGHT),
  attack('token of a ServiceAccount', ['POST', at('', 'serviceaccounts', 'deployer/token'), { spec: {} }], NO_RIGHT),
  attack(
    'rights of its own choice',
    [
      'POST',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      {
        metadata: { name: 'stolen' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      },
    ],
    NO_RIGHT,
  ),
  attack(
    'removal of the policies',
    ['DELETE', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/restapi-operator-workloads'],
    NO_RIGHT,
  ),
  attack('labels of a namespace', ['PATCH', '/api/v1/namespaces/apps', { metadata: { labels: { a: 'b' } } }], NO_RIGHT),
  attack('kubelet of a node', ['GET', '/api/v1/nodes/node-0/proxy/pods'], NO_RIGHT),
];
