import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs of util-linux, iproute2 and bash. */
const PROGRAMS = ['bash', 'unshare', 'nsenter', 'mount', 'umount', 'ip'];

/**
 * Why this machine cannot run real nodes, with what helps, as a clause for a sentence; undefined if nothing is known to be missing.
 *
 * @example
 * ```ts
 * const obstacle = realNodesObstacle();
 * describe.skipIf(obstacle !== undefined)(`on a real node${obstacle ? ` (skipped: ${obstacle})` : ''}`, () => {});
 * ```
 */
export function realNodesObstacle(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (process.platform !== 'linux') return `containers need Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'namespaces and cgroups need root: run it as root, for example with sudo';
  const missing = PROGRAMS.filter((name) => !isOnPath(name, env));
  if (missing.length > 0) return `${missing.join(', ')} missing: install bash, util-linux and iproute2`;
  if (!hasCapability(CAP_SYS_ADMIN) || !hasCapability(CAP_NET_ADMIN)) {
    return 'root lacks the capability CAP_SYS_ADMIN or CAP_NET_ADMIN: in a container, run that privileged';
  }
  if (!existsSync('/sys/fs/cgroup')) return 'no cgroups are mounted at /sys/fs/cgroup';
  if (!isWritable('/sys/fs/cgroup')) return '/sys/fs/cgroup cannot be written: in a container, run that privileged';
  if (!/\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) {
    return 'the kernel has no overlay file system: load it with modprobe overlay';
  }
  return undefined;
}

const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

function hasCapability(bit: bigint): boolean {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n;
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, name)));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
