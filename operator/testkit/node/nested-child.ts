// Imported by the supervisor, which Node runs straight from source: erasable TypeScript and node: imports only.

import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The process that a wrapper (nsenter, unshare) has started in a PID namespace of its own, by its number outside of it.
 *
 * @param pid the wrapper's
 * @returns the wrapper's own number when it ends without such a child, or has none within 5 s
 */
export async function nestedChild(pid: number): Promise<number> {
  const own = readlinkSync('/proc/self/ns/pid');
  for (let tries = 0; tries < 1000; tries++) {
    try {
      // The wrapper's own children, from its only thread. The file ends with a space.
      for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')) {
        if (child !== '' && readlinkSync(`/proc/${child}/ns/pid`) !== own) return Number(child);
      }
    } catch {
      // One of them has ended. If it was the wrapper, there is nothing to wait for.
      if (!isThere(pid)) return pid;
    }
    await sleep(5);
  }
  return pid;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
