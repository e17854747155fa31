import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for logs of this user, by the convention of the operating system. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  const home = env.HOME || homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Logs', 'restapi-operator');
  return join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'restapi-operator');
}
