import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a folder of the PATH has a program of this name. */
export function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));
}
