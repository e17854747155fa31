import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/package/package-root.ts';

const MODULES = join(packageRoot(), 'node_modules');
const NAME = 'restapi-operator';
const BINS = { [NAME]: 'main.js', 'kubectl-restapi': 'cli/kubectl-restapi.js' };

/**
 * A folder outside the repository in which the package is installed from its tarball, without network: its dependencies are links to
 * those of the repository.
 */
export class InstalledPackage implements AsyncDisposable {
  /** The folder of a user; empty but for node_modules. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Packs what `npm run build` built. */
  static async install(): Promise<InstalledPackage> {
    const installed = new InstalledPackage(await mkdtemp(join(tmpdir(), 'installed-package-')));
    const modules = join(installed.folder, 'node_modules');
    await mkdir(join(modules, '.bin'), { recursive: true });
    for (const name of await readdir(MODULES)) {
      if (!name.startsWith('.')) await symlink(join(MODULES, name), join(modules, name));
    }
    for (const name of await readdir(join(MODULES, '.bin'))) {
      await symlink(join(MODULES, '.bin', name), join(modules, '.bin', name));
    }
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', installed.folder];
    const [{ filename }] = JSON.parse(await run('npm', pack, packageRoot())) as [{ filename: string }];
    const tarball = join(installed.folder, filename);
    await mkdir(installed.path());
    await run('tar', ['-xzf', tarball, '-C', installed.path(), '--strip-components=1'], installed.folder);
    await rm(tarball);
    for (const [name, file] of Object.entries(BINS)) {
      await symlink(installed.path('dist', 'src', file), join(modules, '.bin', name));
    }
    return installed;
  }

  /** A path within the installed package. */
  path(...parts: string[]): string {
    return join(this.folder, 'node_modules', NAME, ...parts);
  }

  /** Runs a program in a folder of the user. @returns what it printed @throws Error with its output if it fails */
  run(command: string, args: readonly string[], folder = ''): Promise<string> {
    return run(command, args, join(this.folder, folder));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  try {
    return (await promisify(execFile)(command, args, { cwd, env })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error });
  }
}
