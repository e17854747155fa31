import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { removeClusterFolder } from './node/cgroups.ts';
import { sourceFile } from './source-file.ts';
import type { Command, Exited, Reply, StartCommand } from './supervisor-protocol.ts';

interface Pending {
  resolve(pid: number): void;
  reject(error: Error): void;
}

/** How a component ended. */
export interface ComponentExit {
  name: string;
  code: number | null;
  signal: string | null;
}

/** The test process's end of the pipe to its supervisor (supervisor.ts), which owns the component processes. */
export class SupervisorClient {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #pending = new Map<number, Pending>();
  readonly #pids = new Map<string, number>();
  readonly #exits = new Map<string, ComponentExit>();
  readonly #exitListeners = new Set<(exit: ComponentExit) => void>();
  readonly #gone: Promise<void>;
  #nextId = 1;
  #closed: string | undefined;

  /**
   * Starts a supervisor for a folder, which it removes when it ends.
   *
   * @param folder an existing folder, the working folder of all components
   */
  constructor(folder: string) {
    this.#folder = folder;
    const script = sourceFile(import.meta.url, 'supervisor');
    const { NODE_OPTIONS: _, ...env } = process.env;
    const log = openSync(join(folder, 'supervisor.log'), 'a', 0o600);
    // Detached: a Ctrl-C in the terminal must reach the test process only; the supervisor then sees the pipe close and ends
    // the components in order.
    this.#child = spawn(process.execPath, [script, folder], { detached: true, env, stdio: ['pipe', 'pipe', log] });
    closeSync(log);
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new Error('the supervisor has no pipes');
    stdin.on('error', () => {});
    createInterface({ input: stdout }).on('line', (line) => this.#receive(JSON.parse(line) as Reply | Exited));
    this.#gone = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(this.#supervisorEnded(`exit code ${code}, signal ${signal}`)));
      this.#child.once('error', (error) => resolve(this.#supervisorEnded(error.message)));
    });
    this.#hold(false);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Process numbers of the running components, by name. */
  get pids(): ReadonlyMap<string, number> {
    return this.#pids;
  }

  /** How a component that does not run has ended; undefined while it runs or before its first start. */
  exitOf(name: string): ComponentExit | undefined {
    return this.#exits.get(name);
  }

  /** Calls back whenever a component ends. Returns the function that stops that. */
  onExit(listener: (exit: ComponentExit) => void): () => void {
    this.#exitListeners.add(listener);
    return () => this.#exitListeners.delete(listener);
  }

  /** @throws Error when the program cannot be run, or the component runs already */
  async start(command: StartCommand): Promise<number> {
    this.#exits.delete(command.name);
    const pid = await this.#request({ op: 'start', ...command });
    if (!this.#exits.has(command.name)) this.#pids.set(command.name, pid);
    return pid;
  }

  /** @throws Error when the component does not run */
  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    await this.#request({ op: 'signal', name, signal });
  }

  /** Ends a component and waits until it is gone. @throws Error when the component does not run */
  async end(name: string, signal: NodeJS.Signals, deadlineMs = 15_000): Promise<void> {
    await this.#request({ op: 'end', name, signal, deadlineMs });
  }

  /** Ends all components, removes the folder and waits until the supervisor is gone. Never fails for being called twice. */
  async shutdown(): Promise<void> {
    if (this.#closed === undefined) await this.#request({ op: 'shutdown' }).catch(() => {});
    this.#hold(true);
    await this.#gone;
  }

  #request(command: Command): Promise<number> {
    if (this.#closed !== undefined) return Promise.reject(new Error(this.#closed));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#hold(true);
      this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }

  #receive(line: Reply | Exited): void {
    if ('exited' in line) {
      const exit = { name: line.exited, code: line.code, signal: line.signal };
      this.#pids.delete(exit.name);
      this.#exits.set(exit.name, exit);
      for (const listener of this.#exitListeners) listener(exit);
      return;
    }
    const pending = this.#pending.get(line.id);
    this.#pending.delete(line.id);
    if (this.#pending.size === 0) this.#hold(false);
    if ('error' in line) pending?.reject(new Error(line.error));
    else pending?.resolve(line.pid ?? 0);
  }

  async #supervisorEnded(how: string): Promise<void> {
    const said = await readFile(join(this.#folder, 'supervisor.log'), 'utf8').catch(() => '');
    this.#closed = `the test cluster is stopped (its supervisor ended: ${how})${said === '' ? '' : `\n${said}`}`;
    // After a shutdown there is nothing left here. If the supervisor was killed, its components still run: they are in its
    // process group, as it was started detached, and so can be ended together.
    if (this.#pids.size > 0 && this.pid !== 0) {
      try {
        process.kill(-this.pid, 'SIGKILL');
      } catch {
        // No member of the group is left.
      }
      this.#pids.clear();
    }
    for (const { reject } of this.#pending.values()) reject(new Error(this.#closed));
    this.#pending.clear();
    await removeClusterFolder(this.#folder).catch(() => {});
  }

  /** Keeps this process alive while something is waited for, and only then: a forgotten stop() must not hang it. */
  #hold(hold: boolean): void {
    const handles = [this.#child, this.#child.stdin, this.#child.stdout] as unknown as {
      ref?(): void;
      unref?(): void;
    }[];
    for (const handle of handles) (hold ? handle.ref : handle.unref)?.call(handle);
  }
}
