import { execFileSync } from 'node:child_process';
import { statFields } from './proc-stat.ts';

// Imported by the supervisor, which Node runs straight from source: erasable TypeScript and node: imports only.

/** Identifies a process, also against a later one with the same number. */
export interface ProcessIdentity {
  pid: number;
  /** When the process started, as the system reports it; only compared for equality. */
  started: string;
}

/** The identity of a living process; undefined when there is none with this number (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startedByProc(pid) : startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether exactly this process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

function startedByProc(pid: number): string | undefined {
  try {
    const fields = statFields(`/proc/${pid}`);
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return fields[19];
  } catch {
    return undefined;
  }
}

function startedByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [state = '', ...started] = line.split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : started.join(' ');
  } catch {
    return undefined;
  }
}
