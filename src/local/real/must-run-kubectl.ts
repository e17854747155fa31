import type { ControlPlane } from '../../../operator/testkit/index.ts';

/** Runs kubectl as the cluster's administrator. @returns its output. @throws Error with what it says when it fails */
export async function mustRunKubectl(cluster: ControlPlane, args: string[], input?: string): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args, input === undefined ? {} : { input });
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${(stderr || stdout).trim()}`);
  return stdout;
}
