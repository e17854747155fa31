import { dirname, join } from 'node:path';

/** Where the parts of a real node find each other. */
export interface NodeLayout {
  name: string;
  /** The node's address in the cluster's network. */
  ip: string;
  /** The addresses of the node's pods, for example 10.244.0.0/24. */
  podCidr: string;
  /** The node's folder. */
  folder: string;
  /** The binaries, by name. */
  binaries: ReadonlyMap<string, string>;
}

/** The machine's end of the nodes' network, as nodes and pods see it: the API server is here. */
export const GATEWAY_IP = '10.0.0.1';
/**
 * The hardware address of the gateway. Without one of its own a bridge has the lowest of its ports, which changes when a node comes
 * or is lost: the other nodes would lose their connections to the API server for up to a minute.
 */
export const GATEWAY_MAC = '02:00:00:00:00:01';
/** The addresses of the nodes. */
export const NODES_CIDR = '10.0.0.0/24';
export const SERVICE_CIDR = '10.96.0.0/16';
/** The address of a node, and those of its pods. @param index 0 for the first node */
export function nodeAddresses(index: number): { ip: string; podCidr: string } {
  return { ip: `10.0.0.${index + 2}`, podCidr: `10.244.${index}.0/24` };
}
/** The addresses of the pods of all nodes. */
export const POD_CIDR = '10.244.0.0/16';
export const DNS_IP = '10.96.0.10';
export const PAUSE_IMAGE = 'localhost/pause:1';
export const COREDNS_IMAGE = 'localhost/coredns:1';
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/** containerd's configuration (TOML). */
export function containerdConfig({ folder, binaries }: NodeLayout): string {
  const cni = new Set(['bridge', 'loopback', 'host-local', 'portmap'].map((name) => dirname(binaries.get(name) ?? '')));
  return `version = 3
# Not on an overlay: its snapshots are overlays themselves.
root = "${join(folder, 'containerd')}"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.nri.v1.nri", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.image-verifier.v1.bindir", "io.containerd.snapshotter.v1.erofs", "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.monitor.container.v1.restart",
]
[grpc]
address = "${CONTAINERD_SOCKET}"
[ttrpc]
address = "${CONTAINERD_SOCKET}.ttrpc"
[plugins.'io.containerd.metadata.v1.bolt']
# The data is thrown away. With it, an import takes three times as long.
no_sync = true
[plugins.'io.containerd.internal.v1.opt']
path = "${join(folder, 'opt')}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "${PAUSE_IMAGE}"
[plugins.'io.containerd.cri.v1.runtime']
# Lowering it needs the capability CAP_SYS_RESOURCE.
restrict_oom_score_adj = true
disable_apparmor = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = [${[...cni].map((bin) => `"${bin}"`).join(', ')}]
conf_dir = "/etc/cni/net.d"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = "${binaries.get('runc')}"
SystemdCgroup = false
`;
}

/** The configuration of the node's pod network, for CNI. */
export function cniConfig({ folder, podCidr }: NodeLayout): object {
  const gateway = podCidr.replace(/\d+\/\d+$/, '1');
  return {
    cniVersion: '1.0.0',
    name: 'node',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isDefaultGateway: true,
        forceAddress: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podCidr, gateway }]],
          dataDir: join(folder, 'cni'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

/** The kubelet's configuration; JSON is YAML. */
export function kubeletConfig({ folder }: NodeLayout): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    // Nobody but this cluster reaches it.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    clusterDNS: [DNS_IP],
    clusterDomain: 'cluster.local',
    resolvConf: join(folder, 'resolv.conf'),
    podLogsDir: join(folder, 'pod-logs'),
    // How full the machine's disk is must not decide about a test.
    evictionHard: {
      'memory.available': '200Mi',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    serializeImagePulls: false,
    kubeAPIQPS: 1000,
    kubeAPIBurst: 2000,
  };
}

/** kube-proxy's configuration; JSON is YAML. @param kubeconfig a file's path */
export function kubeProxyConfig({ name }: NodeLayout, kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    clusterCIDR: POD_CIDR,
    mode: 'nftables',
    hostnameOverride: name,
    // These limits are the machine's, not the node's.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}
