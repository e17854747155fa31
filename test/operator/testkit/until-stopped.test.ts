import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { untilStopped } from '../../../operator/testkit/until-stopped.ts';

test.runIf(process.platform === 'linux')(
  'it waits while the process runs, until it stands still or has ended',
  async () => {
    const child = spawn(process.execPath, ['-e', 'console.log("runs"); setInterval(() => {}, 1_000)']);
    const pid = child.pid ?? 0;
    try {
      await once(child.stdout, 'data');
      const stopped = untilStopped(pid).then(() => 'stopped');
      expect(await Promise.race([stopped, sleep(300, 'runs')])).toBe('runs');
      process.kill(pid, 'SIGSTOP');
      expect(await stopped).toBe('stopped');
      await untilStopped(pid);
      process.kill(pid, 'SIGCONT');
      const ended = untilStopped(pid);
      process.kill(pid, 'SIGKILL');
      await ended;
    } finally {
      child.kill('SIGKILL');
    }
  },
);
