import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../run-program.ts';

/**
 * Unpacks Debian packages into a folder. Nothing is installed, no root is needed, and apt's own lists are not changed.
 *
 * @param names the packages, without their dependencies
 * @throws Error when this is no Debian system, or a package cannot be downloaded or unpacked
 */
export async function unpackDebianPackages(
  names: readonly string[],
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'k8s-operator-testkit-deb-'));
  const run = async (file: string, args: string[]) => {
    const result = await runProgram(file, args, { cwd: scratch, signal }).catch((error: NodeJS.ErrnoException) => {
      signal?.throwIfAborted();
      throw error.code === 'ENOENT' ? new Error(`there is no ${file} on this machine`) : error;
    });
    return { ...result, command: [file, ...args].join(' ') };
  };
  try {
    // Root's downloads are made by the user _apt, who cannot write here.
    const quietly = ['-qq', '-o', 'APT::Sandbox::User=root'];
    const download = [...quietly, 'download', ...names];
    let result = await run('apt-get', download);
    if (result.exitCode !== 0) {
      // This machine has no lists, or old ones: with lists of our own.
      for (const part of ['lists/partial', 'cache/archives/partial'])
        await mkdir(join(scratch, part), { recursive: true });
      const own = ['-o', `Dir::State::lists=${join(scratch, 'lists')}`, '-o', `Dir::Cache=${join(scratch, 'cache')}`];
      await run('apt-get', [...own, ...quietly, 'update']);
      result = await run('apt-get', [...own, ...download]);
    }
    if (result.exitCode !== 0) throw new Error(`${result.command} failed: ${result.stderr.trim()}`);
    await mkdir(folder, { recursive: true });
    for (const file of await readdir(scratch)) {
      if (!file.endsWith('.deb')) continue;
      const unpacked = await run('dpkg', ['-x', join(scratch, file), folder]);
      if (unpacked.exitCode !== 0) throw new Error(`${unpacked.command} failed: ${unpacked.stderr.trim()}`);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The folder of libraries in a Debian package for this machine's processor. */
export function debianLibraries(folder: string): string {
  return join(folder, 'usr', 'lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu');
}
