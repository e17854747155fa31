import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageFiles } from '../../../operator/testkit/image.ts';
import { IMAGE_NODE, programFiles } from '../../../operator/testkit/runtime-files.ts';
import { packageRoot } from '../../package/package-root.ts';

export type Runtime = 'node' | 'deno';

/** Paths of the runtimes in an image. */
export const RUNTIME_PROGRAM: Record<Runtime, string> = { node: IMAGE_NODE, deno: '/deno/bin/deno' };

/** An npm package with a runtime for this machine. Its hash is in the lockfile, and no script is needed to install it. */
export interface RuntimePackage {
  version: string;
  /** Path within the repository, which is also its key in the lockfile. */
  folder: string;
  /** Absolute path. */
  binary: string;
}

/** Finds the npm package of a runtime. @throws Error when it is not installed */
export function runtimePackage(runtime: Runtime): RuntimePackage {
  const platform = `${process.platform}-${process.arch}`;
  const folder =
    runtime === 'node'
      ? join('node_modules', `node-${platform}`)
      : join('node_modules', '@deno', process.platform === 'linux' ? `${platform}-glibc` : platform);
  try {
    const manifest = readFileSync(join(packageRoot(), folder, 'package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    const binary = join(packageRoot(), folder, ...(runtime === 'node' ? ['bin', 'node'] : ['deno']));
    return { version, folder, binary };
  } catch (error) {
    throw new Error(`${folder} is not installed: run "npm ci" (there is none for every platform)`, { cause: error });
  }
}

/** The files of a runtime, which is an npm package of this project. @throws Error when it is not installed */
export function runtimeFiles(runtime: Runtime): Promise<ImageFiles> {
  return programFiles(RUNTIME_PROGRAM[runtime], runtimePackage(runtime).binary);
}
