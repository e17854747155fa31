import { readFileSync } from 'node:fs';

// Imported by the supervisor, which Node runs straight from source: erasable TypeScript and node: imports only.

/**
 * Returns the fields of a process or one of its threads in proc_pid_stat(5), from the state on. The state is the first, the
 * start time in clock ticks since boot the twentieth.
 *
 * @param path of the process or thread, such as `/proc/1`
 * @throws Error (ENOENT, ESRCH) if there is none
 */
export function statFields(path: string): string[] {
  const stat = readFileSync(`${path}/stat`, 'utf8');
  // The command name before may hold spaces and brackets, so fields are counted from the last bracket.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
