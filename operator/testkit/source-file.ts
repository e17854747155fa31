import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The path of a program beside a module, to be run by Node: `.ts` if the module itself is run from source, else `.js`.
 *
 * @param moduleUrl the module's import.meta.url
 */
export function sourceFile(moduleUrl: string, name: string): string {
  const here = fileURLToPath(moduleUrl);
  return join(dirname(here), `${name}${here.endsWith('.ts') ? '.ts' : '.js'}`);
}
