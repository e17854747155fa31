import { spawn } from 'node:child_process';

export interface ProgramResult {
  stdout: string;
  stderr: string;
  /** -1 when a signal ended the program. */
  exitCode: number;
}

/** Runs a program to its end. @throws Error when it cannot be started (not for a failing exit code) or is aborted */
export function runProgram(
  file: string,
  args: string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; cwd?: string; signal?: AbortSignal | undefined } = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const { input, signal, ...rest } = options;
    // Its own process group, so that its child processes end with it.
    const child = spawn(file, args, { ...rest, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const onAbort = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has already exited.
      }
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', onAbort);
      if (signal?.aborted) return reject(signal.reason);
      resolve({
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        exitCode: code ?? -1,
      });
    });
    // A program that does not read its input may close it before all is written.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}
