import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { statFields } from './proc-stat.ts';

// Imported by the supervisor, which Node runs straight from source: erasable TypeScript and node: imports only.

const DEADLINE_MS = 5_000;

/**
 * Waits until a process that was sent SIGSTOP has stopped. Its threads on other processors run on for a moment after the
 * signal, long enough to answer a request. Only Linux reports the state; on other systems this returns at once.
 *
 * @throws Error if it still runs after 5 s
 */
export async function untilStopped(pid: number): Promise<void> {
  if (process.platform !== 'linux') return;
  const end = performance.now() + DEADLINE_MS;
  while (!isStopped(pid)) {
    if (performance.now() > end) throw new Error(`process ${pid} runs ${DEADLINE_MS} ms after SIGSTOP`);
    await sleep(1);
  }
}

/** Whether no thread runs. */
function isStopped(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => {
      const [state = ''] = statFields(`/proc/${pid}/task/${thread}`);
      // Stopped, or ended.
      return ['T', 'Z', 'X'].includes(state);
    });
  } catch (error) {
    // A thread has ended in the meantime, or all of them have.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return !existsSync(`/proc/${pid}`);
    throw error;
  }
}
