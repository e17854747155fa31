import { join } from 'node:path';
import { assetsFolder } from '../assets.ts';
import type { BinarySpec, Platform, Sources } from '../binary-spec.ts';
import { versions } from '../versions.ts';

/** What a real node runs, beside the kubelet and kube-proxy. */
export type NodeBinaryName =
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'ctr'
  | 'runc'
  | 'bridge'
  | 'loopback'
  | 'host-local'
  | 'portmap'
  | 'coredns'
  | 'kube-network-policies'
  | 'pause';

/** All that a real node needs, in the order in which a first build shares most. */
export const REAL_NODE_BINARIES = [
  'kubelet',
  'kube-proxy',
  'coredns',
  'containerd',
  'containerd-shim-runc-v2',
  'ctr',
  'runc',
  'bridge',
  'loopback',
  'host-local',
  'portmap',
  'pause',
] as const;

const CNI_PACKAGES = {
  bridge: 'main/bridge',
  loopback: 'main/loopback',
  'host-local': 'ipam/host-local',
  portmap: 'meta/portmap',
} as const;

/** How to get one of a real node's binaries. All of them run on Linux only. */
export function nodeBinarySpec(
  name: NodeBinaryName,
  { arch }: Platform,
  { github }: Sources,
): BinarySpec<NodeBinaryName> {
  switch (name) {
    case 'containerd':
    case 'containerd-shim-runc-v2':
    case 'ctr': {
      const archive = `containerd-static-${versions.containerd}-linux-${arch}.tar.gz`;
      const url = `${github}/containerd/containerd/releases/download/v${versions.containerd}/${archive}`;
      return {
        name,
        release: `containerd-${versions.containerd}`,
        fromPath: false,
        download: {
          url,
          checksum: { url: `${url}.sha256sum`, format: 'sha256sum', entry: archive },
          archiveMember: `bin/${name}`,
        },
        build: {
          ...module('containerd'),
          package: `github.com/containerd/containerd/v2/cmd/${name}`,
          // Snapshotters and plugins that need C libraries, or that a node of a test has no use for.
          tags: ['no_btrfs', 'no_devmapper', 'no_zfs', 'no_aufs', 'no_nri', 'static_build'],
          ldflags: `-s -w -X github.com/containerd/containerd/v2/version.Version=${versions.containerd}`,
          usualSeconds: name === 'containerd' ? 70 : 10,
        },
      };
    }
    case 'runc': {
      const base = `${github}/opencontainers/runc/releases/download/v${versions.runc}`;
      return {
        name,
        release: `runc-${versions.runc}`,
        fromPath: false,
        download: {
          url: `${base}/runc.${arch}`,
          checksum: { url: `${base}/runc.sha256sum`, format: 'sha256sum', entry: `runc.${arch}` },
        },
        build: {
          ...module('runc'),
          package: 'github.com/opencontainers/runc',
          // With seccomp: Pod Security "restricted" asks for the profile RuntimeDefault.
          tags: ['seccomp', 'netgo', 'osusergo'],
          ldflags: '-s -w -linkmode external -extldflags "-static"',
          cgo: { header: 'seccomp.h', debianPackages: ['libseccomp-dev', 'libseccomp2'] },
          usualSeconds: 15,
        },
      };
    }
    case 'bridge':
    case 'loopback':
    case 'host-local':
    case 'portmap': {
      const archive = `cni-plugins-linux-${arch}-v${versions.cniPlugins}.tgz`;
      const url = `${github}/containernetworking/plugins/releases/download/v${versions.cniPlugins}/${archive}`;
      return {
        name,
        release: `cni-plugins-${versions.cniPlugins}`,
        fromPath: false,
        download: {
          url,
          checksum: { url: `${url}.sha256`, format: 'sha256sum', entry: archive },
          archiveMember: `./${name}`,
        },
        build: {
          ...module('cni'),
          package: `github.com/containernetworking/plugins/plugins/${CNI_PACKAGES[name]}`,
          ldflags: '-s -w',
          usualSeconds: name === 'bridge' ? 8 : 1,
        },
      };
    }
    case 'coredns': {
      const archive = `coredns_${versions.coreDns}_linux_${arch}.tgz`;
      const url = `${github}/coredns/coredns/releases/download/v${versions.coreDns}/${archive}`;
      return {
        name,
        release: `coredns-${versions.coreDns}`,
        fromPath: false,
        download: {
          url,
          checksum: { url: `${url}.sha256`, format: 'sha256sum', entry: archive },
          archiveMember: 'coredns',
        },
        build: { ...module('coredns'), package: 'k8s-operator-testkit/coredns', ldflags: '-s -w', usualSeconds: 100 },
      };
    }
    case 'kube-network-policies':
      return {
        name,
        release: `kube-network-policies-${versions.kubeNetworkPolicies}`,
        fromPath: false,
        // Its releases hold container images only.
        build: {
          ...module('kube-network-policies'),
          package: 'sigs.k8s.io/kube-network-policies/cmd',
          ldflags: '-s -w',
          usualSeconds: 60,
        },
      };
    case 'pause':
      return {
        name,
        release: 'pause-1',
        fromPath: false,
        // Kubernetes releases it as a container image only.
        build: { ...module('pause'), package: 'k8s-operator-testkit/pause', ldflags: '-s -w', usualSeconds: 2 },
      };
  }
}

function module(name: string): { moduleFolder: string } {
  return { moduleFolder: join(assetsFolder(), 'go', name) };
}
