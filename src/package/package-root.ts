import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package, also for code compiled to dist/. @throws if there is no package.json above this file */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${import.meta.dirname}: the package is not complete`);
    folder = parent;
  }
  return folder;
}
