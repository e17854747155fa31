import { readFile } from 'node:fs/promises';

/** What a process has used so far. */
export interface ProcessUsage {
  /** CPU time, user and system, seconds. */
  cpuSeconds: number;
  /** Highest resident set so far, MiB. */
  peakRssMiB: number;
}

/** Ticks a second in /proc; fixed on Linux for programs (proc_pid_stat(5), sysconf _SC_CLK_TCK). */
const TICKS = 100;

/** Reads it from /proc. @returns undefined where there is no such thing (macOS) */
export async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    // The command in parentheses may hold spaces; the fields after it are counted from state, which is field 3.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuSeconds: ticks / TICKS, peakRssMiB: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024 };
  } catch {
    return undefined;
  }
}
