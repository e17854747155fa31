import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';

const START = join(packageRoot(), 'dist', 'src', 'local', 'start.js');

/** `npm start` as a process with its own folder for temporary files. */
export class StartProcess implements AsyncDisposable {
  /** The folder for temporary files, empty at first. */
  readonly tmp: string;
  readonly #child: ChildProcess;
  #output = '';

  private constructor(tmp: string, child: ChildProcess) {
    this.tmp = tmp;
    this.#child = child;
    const take = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
  }

  /** @param program program to run with the arguments. Default: the compiled start script */
  static async run(
    args: string[],
    { env = {}, program = [START] }: { env?: NodeJS.ProcessEnv; program?: string[] } = {},
  ): Promise<StartProcess> {
    const tmp = await mkdtemp(join(tmpdir(), 'npm-start-'));
    // Without the variables of the npm that runs the tests.
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
    const child = spawn(process.execPath, [...program, ...args], {
      env: { ...own, TMPDIR: tmp, XDG_STATE_HOME: join(tmp, 'state'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new StartProcess(tmp, child);
  }

  /** Its output to stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  /** Waits until the output matches. @throws with the output after the timeout, or if the process has exited */
  async says(pattern: RegExp, timeoutMs = 120_000): Promise<RegExpExecArray> {
    return eventually(
      () => {
        const match = pattern.exec(this.#output);
        if (!match && this.#ended) throw new Error(`the process has exited: ${this.#output}`);
        return match ?? undefined;
      },
      { timeoutMs, what: `${pattern} in the output` },
    ).catch((error) => {
      throw new Error(`${error.message}\n${this.#output}`);
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the process and its output to end. @returns the exit code, null after a signal */
  async exit(): Promise<number | null> {
    if (!this.#ended) await new Promise((resolve) => this.#child.once('close', resolve));
    return this.#child.exitCode;
  }

  /** Processes and temporary files that are left of its clusters. */
  leftovers(): string[] {
    // Every process of a cluster has the cluster's folder in its arguments.
    const processes = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(this.tmp));
    const files = readdirSync(this.tmp, { recursive: true, encoding: 'utf8' });
    // The folder of the test kit stays, empty; it contains clusters.
    return [...processes, ...files.filter((path) => !/^(state|k8s-operator-testkit-[^/]+$)/.test(path))];
  }

  /** Waits until nothing is left. @throws with the leftovers after the timeout */
  async untilGone(): Promise<void> {
    await eventually(() => this.leftovers().length === 0, { what: 'the end of all processes' }).catch((error) => {
      throw new Error(`${error.message}: ${this.leftovers().join('\n')}`);
    });
  }

  /** Lists the folder for temporary files. */
  files(): Promise<string[]> {
    return readdir(this.tmp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill('SIGKILL');
    await this.untilGone();
    await rm(this.tmp, { recursive: true, force: true });
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
