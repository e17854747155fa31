import { execFileSync } from 'node:child_process';
import { ensureBinaries } from '../../../operator/testkit/index.ts';
import type { StartProcess } from './start-process.ts';

/** kubectl for the cluster of `npm start`, with the kubeconfig that it prints. @returns a function that returns its output */
export async function kubectlOf(start: StartProcess): Promise<(...args: string[]) => string> {
  const kubectl = (await ensureBinaries(['kubectl'])).get('kubectl') as string;
  const [, kubeconfig] = await start.says(/export KUBECONFIG=(\S+)/);
  return (...args) =>
    execFileSync(kubectl, args, { encoding: 'utf8', env: { ...process.env, KUBECONFIG: kubeconfig } });
}
