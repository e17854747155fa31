import type { Download } from './download.ts';
import type { GoBuild } from './go-build.ts';

/** Where releases are downloaded from; each can be replaced by a mirror with the same paths. */
export interface Sources {
  /** Default https://dl.k8s.io/release, or $CONTROL_PLANE_KUBERNETES_URL. */
  kubernetes: string;
  /** Default https://github.com/etcd-io/etcd/releases/download, or $CONTROL_PLANE_ETCD_URL. */
  etcd: string;
  /** Default https://github.com/kubernetes-sigs/kwok/releases/download, or $CONTROL_PLANE_KWOK_URL. */
  kwok: string;
  /** KWOK publishes no checksum files; GitHub's API has them. Default https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags, or $CONTROL_PLANE_KWOK_CHECKSUMS_URL. */
  kwokChecksums: string;
  /** For containerd, runc, the CNI plugins and CoreDNS. Default https://github.com, or $CONTROL_PLANE_GITHUB_URL. */
  github: string;
}

/** An operating system and a processor, as Go names them. */
export interface Platform {
  os: string;
  arch: string;
}

/** How one binary is named, found and made. */
export interface BinarySpec<Name extends string = string> {
  name: Name;
  /** Project and version: binaries of one release share a folder of the cache. */
  release: string;
  /** Whether one from PATH will do. */
  fromPath: boolean;
  download?: Download;
  build?: GoBuild;
}

/** Go's names of what Node calls otherwise. */
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: '386' };

export function currentPlatform(): Platform {
  return { os: process.platform, arch: ARCHITECTURES[process.arch] ?? process.arch };
}

export function defaultSources(env: NodeJS.ProcessEnv): Sources {
  return {
    kubernetes: env.CONTROL_PLANE_KUBERNETES_URL || 'https://dl.k8s.io/release',
    etcd: env.CONTROL_PLANE_ETCD_URL || 'https://github.com/etcd-io/etcd/releases/download',
    kwok: env.CONTROL_PLANE_KWOK_URL || 'https://github.com/kubernetes-sigs/kwok/releases/download',
    kwokChecksums:
      env.CONTROL_PLANE_KWOK_CHECKSUMS_URL || 'https://api.github.com/repos/kubernetes-sigs/kwok/releases/tags',
    github: env.CONTROL_PLANE_GITHUB_URL || 'https://github.com',
  };
}
