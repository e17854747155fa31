import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package/package-root.ts';

/** Lists the source files that a pattern matches, as paths within the package. */
export function sourceFiles(pattern: RegExp): string[] {
  return ['operator', 'resources', 'src'].flatMap((folder) =>
    readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => pattern.test(file))
      .map((file) => join(folder, file)),
  );
}
