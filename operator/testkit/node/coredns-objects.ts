import { accountObjects } from './account-objects.ts';
import { COREDNS_IMAGE, DNS_IP } from './node-config.ts';

const NAMESPACE = 'kube-system';
const LABELS = { 'k8s-app': 'kube-dns' };
const NAME = 'system:coredns';
/** KWOK's nodes, which may be beside real ones, only play pods. */
const NOT_PLAYED = {
  nodeSelectorTerms: [{ matchExpressions: [{ key: 'type', operator: 'NotIn', values: ['kwok'] }] }],
};

/** The objects of the cluster's DNS as most clusters have it, in the order in which to create them: path and object. */
export function coreDnsObjects(): [path: string, object: object][] {
  const core = `/api/v1/namespaces/${NAMESPACE}`;
  const corefile = `.:53 {
  errors
  health :8080
  ready :8181
  kubernetes cluster.local in-addr.arpa {
    ttl 5
  }
  cache 5
}
`;
  const container = {
    name: 'coredns',
    image: COREDNS_IMAGE,
    args: ['-conf', '/etc/coredns/Corefile'],
    ports: [
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53 },
    ],
    readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
    resources: { requests: { cpu: '10m', memory: '32Mi' } },
    volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
  };
  return [
    ...accountObjects(NAMESPACE, 'coredns', NAME, [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ]),
    [`${core}/configmaps`, { metadata: { name: 'coredns' }, data: { Corefile: corefile } }],
    [
      `${core}/services`,
      {
        metadata: { name: 'kube-dns', labels: LABELS },
        spec: {
          clusterIP: DNS_IP,
          selector: LABELS,
          ports: [
            { name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP' },
            { name: 'dns-tcp', port: 53, targetPort: 'dns-tcp' },
          ],
        },
      },
    ],
    [
      `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`,
      {
        metadata: { name: 'coredns', labels: LABELS },
        spec: {
          replicas: 1,
          selector: { matchLabels: LABELS },
          template: {
            metadata: { labels: LABELS },
            spec: {
              serviceAccountName: 'coredns',
              dnsPolicy: 'Default',
              affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: NOT_PLAYED } },
              // A node may be lost while names are needed.
              tolerations: ['not-ready', 'unreachable'].map((taint) => ({
                key: `node.kubernetes.io/${taint}`,
                operator: 'Exists',
                effect: 'NoExecute',
                tolerationSeconds: 5,
              })),
              containers: [container],
              volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
            },
          },
        },
      },
    ],
  ];
}
