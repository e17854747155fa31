import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The command to call kubectl: its name if it is on the PATH, otherwise the path of ours. */
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
