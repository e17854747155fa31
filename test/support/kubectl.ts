import type { ControlPlane } from '../../operator/testkit/index.ts';

/** Runs kubectl as a cluster's administrator. @returns what it printed. @throws if it fails, with what it said */
export async function kubectl(cluster: ControlPlane, args: string[], input?: string): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args, input === undefined ? {} : { input });
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}
