import { chmod, copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** A binary built from Go modules. */
export interface GoBuild {
  /** The folder with go.mod and go.sum, which pin every module. It is not written to. */
  moduleFolder: string;
  /** The main package. */
  package: string;
  ldflags: string;
  /** Build tags. */
  tags?: readonly string[];
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
    for (const file of ['go.mod', 'go.sum']) {
      await copyFile(join(build.moduleFolder, file), join(folder, file)).catch((error: NodeJS.ErrnoException) => {
        // A module without dependencies has no go.sum.
        if (file === 'go.mod' || error.code !== 'ENOENT') throw error;
      });
    }
    const output = `${path}.part`;
    const tags = build.tags ? ['-tags', build.tags.join(',')] : [];
    const args = ['build', '-mod=readonly', ...tags, '-ldflags', build.ldflags, '-o', output, build.package];
    const result = await runProgram('go', args, {
      cwd: folder,
      // For this machine, whatever the user cross-compiles otherwise; and no workspace file from a folder above.
      env: { ...env, GOTMPDIR: folder, CGO_ENABLED: '0', GOOS: '', GOARCH: '', GOWORK: 'off' },
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
