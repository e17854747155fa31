import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../../src/package/package-root.ts';
import type { LoadReport } from './load-report.ts';

const MAIN = join(packageRoot(), 'test', 'support', 'load', 'main.ts');

/** A load as a process of its own, for example in the network namespace of a node. */
export class LoadProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #report: Promise<LoadReport>;

  private constructor(child: ChildProcess, report: Promise<LoadReport>) {
    this.#child = child;
    this.#report = report;
  }

  /**
   * Starts a load and waits until it sends.
   *
   * @param args its command line, see load-arguments.ts
   * @param prefix command that runs it, such as `['nsenter', '--net=…', '--']`; signals must reach the load, as they do after `exec`
   * @throws Error with its output if it does not start
   */
  static async start(args: readonly string[], prefix: readonly string[] = []): Promise<LoadProcess> {
    const [program, ...rest] = [...prefix, process.execPath, MAIN, '--stop-with-stdin', ...args] as [
      string,
      ...string[],
    ];
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'pipe'] });
    let problems = '';
    child.stderr.on('data', (chunk: Buffer) => {
      problems += chunk.toString();
    });
    const closed = once(child, 'close');
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<{ type: string }> => {
      const { value, done } = await lines.next();
      if (!done) return JSON.parse(value);
      const [code, signal] = await closed;
      throw new Error(`the load ended with ${signal ?? `code ${code}`} and without a report: ${problems}`);
    };
    closed.catch(() => undefined);
    await next();
    const report = next() as Promise<LoadReport>;
    report.catch(() => undefined);
    return new LoadProcess(child, report);
  }

  /** Its report, when its time is over. */
  get report(): Promise<LoadReport> {
    return this.#report;
  }

  /** Ends sending, waits for the requests in flight and returns the report. */
  stop(): Promise<LoadReport> {
    this.#child.kill('SIGTERM');
    return this.#report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
