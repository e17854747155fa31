import { join } from 'node:path';
import { GATEWAY_IP, SERVICE_CIDR } from './node/node-config.ts';

/** The processes a cluster may consist of; the name is that of the binary. */
export type ComponentName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kwok'
  | 'metrics-server';

/** What the flags of the components are made from. */
export interface ClusterLayout {
  dir: string;
  etcdPort: number;
  apiServerPort: number;
  /** Where the API server finds metrics-server, and this what KWOK plays; undefined: without. */
  metrics?: { serverPort: number; kwokPort: number };
  /** The cluster has real nodes, in a network of their own. */
  realNodes: boolean;
  audit: boolean;
  apiServerFlags: string[];
  controllerManagerFlags: string[];
}

/** Files of a cluster, by their role. */
export function clusterFiles(dir: string) {
  const pki = join(dir, 'pki');
  return {
    pki,
    caCert: join(pki, 'ca.crt'),
    servingCert: join(pki, 'apiserver.crt'),
    servingKey: join(pki, 'apiserver.key'),
    serviceAccountKey: join(pki, 'service-account.key'),
    serviceAccountPublicKey: join(pki, 'service-account.pub'),
    etcdData: join(dir, 'etcd'),
    auditPolicy: join(dir, 'audit-policy.yaml'),
    auditLog: join(dir, 'audit.jsonl'),
    kwokConfig: join(dir, 'kwok.yaml'),
    egressConfig: join(dir, 'egress.json'),
    lanSocket: join(dir, 'lan.sock'),
    frontProxyCert: join(pki, 'front-proxy.crt'),
    frontProxyKey: join(pki, 'front-proxy.key'),
    metricsServerPki: join(pki, 'metrics-server'),
    kubeconfig: (user: string) => join(dir, `${user}.kubeconfig`),
    log: (component: string) => join(dir, `${component}.log`),
  };
}

/** By default these two hold themselves to 20 and 50 requests a second, which alone makes a start 5 s longer. */
const UNTHROTTLED = ['--kube-api-qps=1000', '--kube-api-burst=2000'];

/** The name in the certificate with which the API server passes requests on. */
export const FRONT_PROXY = 'front-proxy-client';

/** Autoscalers look every 15 s, and go down after 5 min; a test would only sleep through it. */
const QUICK_AUTOSCALERS = [
  '--horizontal-pod-autoscaler-sync-period=1s',
  '--horizontal-pod-autoscaler-initial-readiness-delay=1s',
  '--horizontal-pod-autoscaler-cpu-initialization-period=1s',
  '--horizontal-pod-autoscaler-downscale-stabilization=5s',
];

/** The arguments of one component. Flags of the caller come last: for single-valued flags the last one counts. */
export function componentArgs(name: ComponentName, layout: ClusterLayout): string[] {
  const files = clusterFiles(layout.dir);
  switch (name) {
    case 'etcd':
      return [
        `--data-dir=${files.etcdData}`,
        `--listen-client-urls=http://127.0.0.1:${layout.etcdPort}`,
        `--advertise-client-urls=http://127.0.0.1:${layout.etcdPort}`,
        // A single member talks to no peers: any port will do, and the address it advertises is never used.
        '--listen-peer-urls=http://127.0.0.1:0',
        '--initial-advertise-peer-urls=http://127.0.0.1:2380',
        '--initial-cluster=default=http://127.0.0.1:2380',
        '--unsafe-no-fsync',
        `--quota-backend-bytes=${8 * 1024 ** 3}`,
      ];
    case 'kube-apiserver':
      return [
        `--etcd-servers=http://127.0.0.1:${layout.etcdPort}`,
        `--secure-port=${layout.apiServerPort}`,
        '--bind-address=127.0.0.1',
        ...(layout.realNodes
          ? [
              // Where pods find it, by the Service `kubernetes`.
              `--advertise-address=${GATEWAY_IP}`,
              '--endpoint-reconciler-type=lease',
              // How it finds nodes, pods and Services.
              `--egress-selector-config-file=${files.egressConfig}`,
              '--kubelet-preferred-address-types=InternalIP',
            ]
          : // Otherwise it refuses to advertise a loopback address.
            ['--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none']),
        `--tls-cert-file=${files.servingCert}`,
        `--tls-private-key-file=${files.servingKey}`,
        `--client-ca-file=${files.caCert}`,
        `--service-account-key-file=${files.serviceAccountPublicKey}`,
        `--service-account-signing-key-file=${files.serviceAccountKey}`,
        '--service-account-issuer=https://kubernetes.default.svc',
        '--authorization-mode=Node,RBAC',
        `--service-cluster-ip-range=${SERVICE_CIDR}`,
        '--allow-privileged=true',
        ...(layout.audit
          ? [
              `--audit-policy-file=${files.auditPolicy}`,
              `--audit-log-path=${files.auditLog}`,
              // In megabytes; the default starts a new file after 100.
              '--audit-log-maxsize=1000000',
            ]
          : []),
        ...(layout.metrics
          ? [
              // The identity with which it proxies requests, and how the server behind it verifies that identity.
              `--proxy-client-cert-file=${files.frontProxyCert}`,
              `--proxy-client-key-file=${files.frontProxyKey}`,
              `--requestheader-client-ca-file=${files.caCert}`,
              `--requestheader-allowed-names=${FRONT_PROXY}`,
              '--requestheader-username-headers=X-Remote-User',
              '--requestheader-group-headers=X-Remote-Group',
              '--requestheader-extra-headers-prefix=X-Remote-Extra-',
            ]
          : []),
        ...layout.apiServerFlags,
      ];
    case 'kube-controller-manager':
      return [
        `--kubeconfig=${files.kubeconfig(name)}`,
        `--service-account-private-key-file=${files.serviceAccountKey}`,
        `--root-ca-file=${files.caCert}`,
        '--use-service-account-credentials=true',
        '--leader-elect=false',
        // No server of its own: one port less that could be taken.
        '--secure-port=0',
        ...UNTHROTTLED,
        ...(layout.metrics ? QUICK_AUTOSCALERS : []),
        ...layout.controllerManagerFlags,
      ];
    case 'kube-scheduler':
      return [`--kubeconfig=${files.kubeconfig(name)}`, '--leader-elect=false', '--secure-port=0', ...UNTHROTTLED];
    case 'kwok':
      return [
        `--kubeconfig=${files.kubeconfig(name)}`,
        `--config=${files.kwokConfig}`,
        ...(layout.realNodes
          ? ['--manage-all-nodes=false', '--manage-nodes-with-label-selector=type=kwok']
          : ['--manage-all-nodes=true']),
        // KWOK renews the nodes' leases only when given this; without, a node turns NotReady after 40 s.
        '--node-lease-duration-seconds=40',
        '--node-ip=127.0.0.1',
        // Room for more pods than the default /24.
        '--cidr=10.128.0.0/16',
        ...(layout.metrics
          ? [
              `--server-address=127.0.0.1:${layout.metrics.kwokPort}`,
              `--node-port=${layout.metrics.kwokPort}`,
              '--enable-crds=ClusterResourceUsage',
            ]
          : []),
      ];
    case 'metrics-server':
      return [
        `--kubeconfig=${files.kubeconfig(name)}`,
        `--authentication-kubeconfig=${files.kubeconfig(name)}`,
        `--authorization-kubeconfig=${files.kubeconfig(name)}`,
        `--secure-port=${layout.metrics?.serverPort}`,
        `--bind-address=${layout.realNodes ? GATEWAY_IP : '127.0.0.1'}`,
        `--cert-dir=${files.metricsServerPki}`,
        // The shortest it takes.
        '--metric-resolution=10s',
        '--kubelet-request-timeout=5s',
        '--kubelet-insecure-tls',
        '--kubelet-use-node-status-port',
        '--kubelet-preferred-address-types=InternalIP',
      ];
  }
}
