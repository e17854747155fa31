import { join } from 'node:path';
import { ensureSpecs } from '../../operator/testkit/binaries.ts';
import { type BinarySpec, currentPlatform, type Platform } from '../../operator/testkit/binary-spec.ts';
import { packageRoot } from '../../src/package/package-root.ts';

type LinterName = 'kubeconform' | 'kube-score';

/** Also pinned by a go.sum in `go/`; change both together. */
const VERSIONS: Record<LinterName, string> = { kubeconform: '0.8.0', 'kube-score': '1.20.0' };

/**
 * Finds or installs the manifest linters: official releases verified by their published checksums, or Go builds of the
 * modules pinned in `go/`, which take about a minute the first time.
 *
 * @returns absolute paths by name
 * @throws BinariesError if one cannot be installed
 */
export function ensureLinters(): Promise<Map<LinterName, string>> {
  const platform = currentPlatform();
  return ensureSpecs([kubeconform(platform), kubeScore(platform)], platform, {});
}

function kubeconform({ os, arch }: Platform): BinarySpec<LinterName> {
  const name = 'kubeconform';
  const base = `https://github.com/yannh/kubeconform/releases/download/v${VERSIONS[name]}`;
  const archive = `${name}-${os}-${arch}.tar.gz`;
  return {
    ...common(name, 'github.com/yannh/kubeconform/cmd/kubeconform', 20),
    download: {
      url: `${base}/${archive}`,
      checksum: { url: `${base}/CHECKSUMS`, format: 'sha256sum', entry: archive },
      archiveMember: name,
    },
  };
}

function kubeScore({ os, arch }: Platform): BinarySpec<LinterName> {
  const name = 'kube-score';
  const base = `https://github.com/zegl/kube-score/releases/download/v${VERSIONS[name]}`;
  const file = `${name}_${VERSIONS[name]}_${os}_${arch}`;
  return {
    ...common(name, 'github.com/zegl/kube-score/cmd/kube-score', 40),
    download: {
      url: `${base}/${file}`,
      checksum: { url: `${base}/checksums.txt`, format: 'sha256sum', entry: file },
    },
  };
}

function common(name: LinterName, packagePath: string, usualSeconds: number): BinarySpec<LinterName> {
  const moduleFolder = join(packageRoot(), 'test', 'lint', 'go', name);
  return {
    name,
    release: `${name}-${VERSIONS[name]}`,
    fromPath: false,
    build: { moduleFolder, package: packagePath, ldflags: '-s -w', usualSeconds },
  };
}
