import { join } from 'node:path';
import { assetsFolder } from './assets.ts';
import type { BinarySpec, Platform, Sources } from './binary-spec.ts';
import type { GoBuild } from './go-build.ts';
import { type NodeBinaryName, nodeBinarySpec } from './node/node-binaries.ts';
import { versions } from './versions.ts';

/** The binaries the test kit knows. */
export type BinaryName = ControlPlaneBinaryName | NodeBinaryName;

type ControlPlaneBinaryName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kubelet'
  | 'kube-proxy'
  | 'kwok'
  | 'metrics-server';

// Without the version flags the server calls itself v0.0.0, and with it go the API versions it serves.
const KUBERNETES_LDFLAGS = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
  .flatMap((path) => [
    `-X ${path}.gitVersion=v${versions.kubernetes}`,
    ...versions.kubernetes
      .split('.')
      .slice(0, 2)
      .map((part, index) => `-X ${path}.${index === 0 ? 'gitMajor' : 'gitMinor'}=${part}`),
    `-X ${path}.gitTreeState=clean`,
    `-X ${path}.buildDate=2026-01-01T00:00:00Z`,
  ])
  .join(' ');

/** How to get one of the kit's binaries for a platform. */
export function binarySpec(name: BinaryName, platform: Platform, sources: Sources): BinarySpec<BinaryName> {
  const { os, arch } = platform;
  switch (name) {
    case 'kube-apiserver':
    case 'kube-controller-manager':
    case 'kube-scheduler':
    case 'kubectl':
    case 'kubelet':
    case 'kube-proxy': {
      const url = `${sources.kubernetes}/v${versions.kubernetes}/bin/${os}/${arch}/${name}`;
      // Cold, on two cores. The first one of the module pays for what the others share.
      const usualSeconds = {
        'kube-apiserver': 230,
        'kube-controller-manager': 75,
        'kube-scheduler': 10,
        kubectl: 30,
        kubelet: 40,
        'kube-proxy': 20,
      }[name];
      return {
        name,
        release: `kubernetes-${versions.kubernetes}`,
        fromPath: name === 'kubectl',
        download: { url, checksum: { url: `${url}.sha256`, format: 'sha256sum', entry: name } },
        build: goBuild('kubernetes', `k8s.io/kubernetes/cmd/${name}`, KUBERNETES_LDFLAGS, usualSeconds),
      };
    }
    case 'etcd': {
      const base = `${sources.etcd}/v${versions.etcd}`;
      const folder = `etcd-v${versions.etcd}-${os}-${arch}`;
      const archive = `${folder}.${os === 'linux' ? 'tar.gz' : 'zip'}`;
      return {
        name,
        release: `etcd-${versions.etcd}`,
        fromPath: false,
        download: {
          url: `${base}/${archive}`,
          checksum: { url: `${base}/SHA256SUMS`, format: 'sha256sum', entry: archive },
          archiveMember: `${folder}/etcd`,
        },
        build: goBuild('etcd', 'go.etcd.io/etcd/server/v3', '', 20),
      };
    }
    case 'kwok': {
      const asset = `kwok-${os}-${arch}`;
      return {
        name,
        release: `kwok-${versions.kwok}`,
        fromPath: false,
        download: {
          url: `${sources.kwok}/v${versions.kwok}/${asset}`,
          checksum: { url: `${sources.kwokChecksums}/v${versions.kwok}`, format: 'github-release', entry: asset },
        },
        build: goBuild('kwok', 'sigs.k8s.io/kwok/cmd/kwok', '', 55),
      };
    }
    case 'metrics-server':
      return {
        name,
        release: `metrics-server-${versions.metricsServer}`,
        fromPath: false,
        // Its releases hold container images only.
        build: goBuild('metrics-server', 'sigs.k8s.io/metrics-server/cmd/metrics-server', '', 120),
      };
    default:
      return nodeBinarySpec(name, platform, sources);
  }
}

function goBuild(module: string, packagePath: string, ldflags: string, usualSeconds: number): GoBuild {
  return {
    moduleFolder: join(assetsFolder(), 'go', module),
    package: packagePath,
    ldflags: `-s -w ${ldflags}`.trim(),
    usualSeconds,
  };
}
