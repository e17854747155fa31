import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from '../../../operator/testkit/process-identity.ts';

/** Which of these processes still live. */
export function living(pids: Record<string, number>): string[] {
  return Object.entries(pids)
    .filter(([, pid]) => identify(pid) !== undefined)
    .map(([name]) => name);
}

/** Milliseconds until no process of a cluster lives and its folder is gone. @throws Error with what is left at the deadline */
export async function untilGone(dir: string, pids: Record<string, number>, deadlineMs: number): Promise<number> {
  const start = Date.now();
  for (;;) {
    const left = [...living(pids), ...(existsSync(dir) ? [dir] : [])];
    const ms = Date.now() - start;
    if (left.length === 0) return ms;
    if (ms > deadlineMs) throw new Error(`still there after ${deadlineMs} ms: ${left.join(', ')}`);
    await sleep(50);
  }
}
