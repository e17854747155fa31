import { join } from 'node:path';
import type { ImageFiles } from '../../../operator/testkit/image.ts';
import { IMAGE_NODE, programFiles } from '../../../operator/testkit/runtime-files.ts';
import { packageRoot } from '../../package/package-root.ts';

export type Runtime = 'node' | 'deno';

const BINARY: Record<Runtime, string[]> = { node: ['node', 'bin', 'node'], deno: ['deno', 'deno'] };

/** Paths of the runtimes in an image. */
export const RUNTIME_PROGRAM: Record<Runtime, string> = { node: IMAGE_NODE, deno: '/deno/bin/deno' };

/** The files of a runtime, which is an npm package of this project. @throws Error when it is not installed */
export function runtimeFiles(runtime: Runtime): Promise<ImageFiles> {
  return programFiles(RUNTIME_PROGRAM[runtime], join(packageRoot(), 'node_modules', ...BINARY[runtime]));
}
