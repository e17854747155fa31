import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { removeClusterFolder } from './node/cgroups.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { RECORD_FILE, type SupervisorRecord } from './supervisor-protocol.ts';

const OWNER_FILE = 'owner.json';
/** A folder without an owner file belongs to a process that is about to write it; after this long that process is dead. */
const OWNERLESS_MS = 60_000;

/** Where clusters keep their folders by default: one folder per user in the system's folder for temporary files. */
export function defaultParentFolder(): string {
  return join(tmpdir(), `k8s-operator-testkit-${userInfo().username}`);
}

/** Makes a new, private folder for one cluster. */
export async function createClusterFolder(parent: string): Promise<string> {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(parent, 'cluster-'));
  writeFileSync(join(folder, OWNER_FILE), JSON.stringify(identify(process.pid)));
  return folder;
}

/**
 * Removes what clusters have left behind whose test process has died and whose supervisor did not clear up after it, having been
 * killed too or being stuck: their processes are ended, their folders removed. Clusters of living processes are not touched.
 */
export async function removeLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  await Promise.all(
    names.filter((name) => name.startsWith('cluster-')).map((name) => removeIfLeftOver(join(parent, name))),
  );
}

async function removeIfLeftOver(folder: string): Promise<void> {
  const owner = await readJson<ProcessIdentity>(join(folder, OWNER_FILE));
  if (owner !== undefined ? isAlive(owner) : await isYoung(folder)) return;
  const record = await readJson<SupervisorRecord>(join(folder, RECORD_FILE));
  // A supervisor that is still at work is only spared the rest of it.
  for (const left of record === undefined ? [] : [record.supervisor, ...record.components]) {
    if (isAlive(left)) process.kill(left.pid, 'SIGKILL');
  }
  await removeClusterFolder(folder).catch(() => {});
}

async function isYoung(folder: string): Promise<boolean> {
  const info = await stat(folder).catch(() => undefined);
  return info === undefined || Date.now() - info.mtimeMs < OWNERLESS_MS;
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
