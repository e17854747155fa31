import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Path of the package's folder, also from code in dist/. @throws if no folder above this file has a package.json */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}: the package is incomplete`);
    folder = parent;
  }
  return folder;
}
