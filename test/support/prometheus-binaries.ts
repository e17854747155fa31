import { join } from 'node:path';
import { ensureSpecs } from '../../operator/testkit/binaries.ts';
import { type BinarySpec, currentPlatform } from '../../operator/testkit/binary-spec.ts';
import { packageRoot } from '../../src/package/package-root.ts';

/** Also pinned in `go/go.sum`, where Prometheus 3.16.0 is module version 0.316.0; change both together. */
const VERSION = '3.16.0';

type Name = 'prometheus' | 'promtool';

/** Timeout for finding, downloading or building them, milliseconds. */
export const BINARIES_TIMEOUT_MS = 900_000;

/**
 * Finds or installs Prometheus and promtool the way the test kit installs its own binaries: the official release, verified by
 * checksum, or a Go build of the modules pinned in `go/`, which takes four minutes once. Tests that need them fail without them,
 * with instructions.
 *
 * @returns absolute paths by name
 * @throws BinariesError if one cannot be installed
 */
export function ensurePrometheus(): Promise<Map<Name, string>> {
  const platform = currentPlatform();
  const folder = `prometheus-${VERSION}.${platform.os}-${platform.arch}`;
  const base = `https://github.com/prometheus/prometheus/releases/download/v${VERSION}`;
  const spec = (name: Name, usualSeconds: number): BinarySpec<Name> => ({
    name,
    release: `prometheus-${VERSION}`,
    fromPath: false,
    download: {
      url: `${base}/${folder}.tar.gz`,
      checksum: { url: `${base}/sha256sums.txt`, format: 'sha256sum', entry: `${folder}.tar.gz` },
      archiveMember: `${folder}/${name}`,
    },
    build: {
      moduleFolder: join(packageRoot(), 'test', 'src', 'monitoring', 'go'),
      package: `github.com/prometheus/prometheus/cmd/${name}`,
      ldflags: `-s -w -X github.com/prometheus/common/version.Version=${VERSION}`,
      // Leaves out the service discovery clients: tests configure static targets.
      tags: ['remove_all_sd'],
      usualSeconds,
    },
  });
  return ensureSpecs([spec('promtool', 130), spec('prometheus', 110)], platform, {});
}
