import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How a person calls kubectl: by its name if the shell finds one, otherwise by the path of ours. */
export function findKubectl(ours: string | undefined, path: string = process.env.PATH ?? ''): string {
  const onPath = path.split(delimiter).some((folder) => folder !== '' && isProgram(join(folder, 'kubectl')));
  return onPath ? 'kubectl' : (ours ?? 'kubectl');
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
