import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MARKER = join('operator', 'testkit', 'go');

/**
 * The folder with this kit's files that are not code (go.mod files, KWOK stages).
 *
 * The compiler copies only code, so the compiled kit in `dist/operator/testkit` has none of them next to it: walk up from this
 * module to the first folder that holds the sources' assets, which is the package root in both cases.
 *
 * @throws Error when no parent folder has them (the package was shipped without `operator/`).
 */
export function assetsFolder(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, MARKER))) return join(folder, 'operator', 'testkit');
    if (dirname(folder) === folder) break;
  }
  throw new Error(
    `no folder above ${start} contains the test kit's files (${MARKER}): the package is incomplete, install it again`,
  );
}
