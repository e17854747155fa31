import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOnPath } from '../on-path.ts';

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
  const cgroups = cgroupObstacle('/sys/fs/cgroup');
  if (cgroups !== undefined) return cgroups;
  if (!/\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) {
    return 'the kernel has no overlay file system: load it with modprobe overlay';
  }
  return undefined;
}

/** Why the cgroups that are mounted at a folder are not enough for real nodes. */
export function cgroupObstacle(folder: string): string | undefined {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
  const isV2 = existsSync(join(folder, 'cgroup.controllers'));
  // With v1 each controller has a hierarchy, and the folder itself may be read-only.
  const hierarchies = isV2
    ? [folder]
    : CONTROLLERS.map((name) => join(folder, name)).filter((path) => existsSync(path));
  if (hierarchies.length === 0) return `no cgroups are mounted at ${folder}`;
  const has = (name: string) =>
    isV2 ? read('cgroup.controllers').split(' ').includes(name) : existsSync(join(folder, name, 'cgroup.procs'));
  const missing = CONTROLLERS.filter((name) => !has(name));
  if (missing.length > 0) return `the cgroups at ${folder} lack the controller ${missing.join(' and ')}`;
  const readOnly = hierarchies.find((path) => !isWritable(path));
  if (readOnly !== undefined) return `${readOnly} cannot be written: in a container, run that privileged`;
  // Only the machine's own root has no type. Any other cgroup passes controllers on only without processes.
  if (isV2 && existsSync(join(folder, 'cgroup.type')) && read('cgroup.procs') !== '') {
    const passedOn = read('cgroup.subtree_control').split(' ');
    if (!CONTROLLERS.every((name) => passedOn.includes(name))) {
      return (
        'the cgroup of this container has processes of its own, so it can pass no controllers on: ' +
        'run the container with the cgroup namespace of its machine (docker run --cgroupns=host)'
      );
    }
  }
  return undefined;
}

/** What the kubelet cannot do without. */
const CONTROLLERS = ['cpu', 'memory', 'pids'];
const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;

function hasCapability(bit: bigint): boolean {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
