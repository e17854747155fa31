import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

interface Holder extends ProcessIdentity {
  token: string;
}

const POLL_MS = 200;
/** Taking over a dead holder's lock is a matter of milliseconds; a takeover older than this has died itself. */
const TAKEOVER_MS = 10_000;

/**
 * Does something while no other process (and nothing else in this one) holds the lock. A lock whose holder has died is taken over.
 *
 * @param path the lock file; its folder is made
 * @param onWait called once with the holder's process number when there is one to wait for
 */
export async function withLock<T>(
  path: string,
  onWait: (pid: number) => void,
  action: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error('cannot identify this process: neither /proc nor ps is available');
  const holder: Holder = { ...identity, token: randomUUID() };
  await mkdir(dirname(path), { recursive: true });
  for (let told = false; !(await tryLock(path, holder)); await sleep(POLL_MS, undefined, { signal })) {
    const other = await readHolder(path);
    if (other === undefined) continue;
    if (!isAlive(other)) await removeDead(path, other);
    else if (!told) {
      told = true;
      onWait(other.pid);
    }
  }
  try {
    return await action();
  } finally {
    if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true });
  }
}

/** Whether the lock is ours now. The file appears with its content (link), so no other process reads a half-written one. */
async function tryLock(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.token}`;
  await writeFile(draft, JSON.stringify(holder));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Removes the lock of a dead holder. Two waiters may find the same dead holder. If each simply deleted the file, the slower one
 * would delete the new lock of the faster one, so only one at a time may check again and delete.
 */
async function removeDead(path: string, dead: Holder): Promise<void> {
  const takeover = `${path}.takeover`;
  try {
    await writeFile(takeover, '', { flag: 'wx' });
  } catch {
    const info = await stat(takeover).catch(() => undefined);
    if (info !== undefined && Date.now() - info.mtimeMs > TAKEOVER_MS) await rm(takeover, { force: true });
    return;
  }
  try {
    if ((await readHolder(path))?.token === dead.token) await rm(path, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
}
