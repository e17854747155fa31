// Imported by the supervisor, which Node runs straight from source: erasable TypeScript and node: imports only.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = '/sys/fs/cgroup';
/** Killed processes leave their cgroups within moments; a cgroup with a process cannot be removed. */
const DEADLINE_MS = 10_000;

/** The name of the cgroup, in every hierarchy, below which the real nodes of a cluster are; unique on this machine. */
export function cgroupName(clusterFolder: string): string {
  return `k8s-operator-testkit-${createHash('sha256').update(clusterFolder).digest('hex').slice(0, 12)}`;
}

/** The hierarchies of this machine: one with cgroup v2, one for each controller with v1. */
export async function cgroupHierarchies(): Promise<string[]> {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT];
  const names = await readdir(ROOT).catch(() => []);
  return names.map((name) => join(ROOT, name)).filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}

/** Removes a cluster's folder, and the cgroups of its real nodes. The processes in them must have been killed. */
export async function removeClusterFolder(folder: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (const hierarchy of await cgroupHierarchies()) {
    const cgroup = join(hierarchy, cgroupName(folder));
    while (existsSync(cgroup)) {
      await removeTree(cgroup);
      if (performance.now() > deadline) break;
      if (existsSync(cgroup)) await sleep(20);
    }
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** The files of a cgroup go with it; only folders are removed, from below. */
async function removeTree(cgroup: string): Promise<void> {
  const entries = await readdir(cgroup, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(cgroup, entry.name));
  await rmdir(cgroup).catch(() => {});
}
