import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianLibraries, unpackDebianPackages } from './node/debian-packages.ts';
import { runProgram } from './run-program.ts';

/** A binary built from Go modules. */
export interface GoBuild {
  /** The folder with go.mod and go.sum, which pin every module, and the main package if that is our own. It is not written to. */
  moduleFolder: string;
  /** The main package. */
  package: string;
  ldflags: string;
  /** Build tags. */
  tags?: readonly string[];
  /** Links a C library: this machine's if its header is installed, else that of unpacked Debian packages. */
  cgo?: { header: string; debianPackages: readonly string[] };
  /** Seconds a first build usually takes on two cores. */
  usualSeconds: number;
}

/** A Go build failed or there is no Go. */
export class GoBuildError extends Error {
  override readonly name = 'GoBuildError';
}

/**
 * Builds a binary to a path; the file exists only if the build succeeded.
 *
 * @throws GoBuildError with the end of Go's output
 */
export async function buildBinary(
  build: GoBuild,
  path: string,
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'k8s-operator-testkit-go-'));
  try {
    for (const file of await readdir(build.moduleFolder)) {
      await copyFile(join(build.moduleFolder, file), join(folder, file));
    }
    const output = `${path}.part`;
    const tags = build.tags ? ['-tags', build.tags.join(',')] : [];
    const args = ['build', '-mod=readonly', ...tags, '-ldflags', build.ldflags, '-o', output, build.package];
    const result = await runProgram('go', args, {
      cwd: folder,
      // For this machine, whatever the user cross-compiles otherwise; and no workspace file from a folder above.
      env: { ...env, GOTMPDIR: folder, GOOS: '', GOARCH: '', GOWORK: 'off', ...(await cgo(build, folder, signal)) },
      signal,
    }).catch((error: NodeJS.ErrnoException) => {
      signal?.throwIfAborted();
      throw new GoBuildError(error.code === 'ENOENT' ? 'go is not on PATH' : `go cannot be run: ${error.message}`);
    });
    if (result.exitCode !== 0) {
      await rm(output, { force: true });
      throw new GoBuildError(`go build failed:\n${result.stderr.trimEnd().split('\n').slice(-15).join('\n')}`);
    }
    await chmod(output, 0o755);
    await rename(output, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The variables for Go's use of C. */
async function cgo({ cgo }: GoBuild, folder: string, signal?: AbortSignal): Promise<Record<string, string>> {
  if (cgo === undefined) return { CGO_ENABLED: '0' };
  if (existsSync(join('/usr/include', cgo.header))) return { CGO_ENABLED: '1' };
  const unpacked = join(folder, 'debian');
  await unpackDebianPackages(cgo.debianPackages, unpacked, signal).catch((error: Error) => {
    signal?.throwIfAborted();
    throw new GoBuildError(
      `${cgo.header} is not installed, and its Debian packages cannot be unpacked instead: ${error.message}`,
    );
  });
  const libraries = debianLibraries(unpacked);
  return {
    CGO_ENABLED: '1',
    CGO_CFLAGS: `-I${join(unpacked, 'usr/include')}`,
    CGO_LDFLAGS: `-L${libraries}`,
    PKG_CONFIG_PATH: join(libraries, 'pkgconfig'),
    PKG_CONFIG_SYSROOT_DIR: unpacked,
  };
}
