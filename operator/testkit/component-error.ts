import { readFile } from 'node:fs/promises';

/**
 * A component of a test cluster failed or did not get ready. The message ends with the tail of its log.
 *
 * @example
 * ```ts
 * if (error instanceof ComponentError) console.error(error.message); // ends with the last lines of its log
 * ```
 */
export class ComponentError extends Error {
  override readonly name: string = 'ComponentError';
  readonly component: string;
  /** The last lines of the component's log. */
  readonly logTail: string;

  constructor(component: string, what: string, logTail: string) {
    super(`${component} ${what}. The end of its log:\n${logTail}`);
    this.component = component;
    this.logTail = logTail;
  }

  /** Whether it ended because another process has its port. */
  get portTaken(): boolean {
    return this.logTail.includes('address already in use');
  }
}

/** The last lines of a log file; a note when it cannot be read. */
export async function logTail(path: string, lines = 25): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trimEnd().split('\n').slice(-lines).join('\n');
  } catch (error) {
    return `(no log: ${error instanceof Error ? error.message : String(error)})`;
  }
}
