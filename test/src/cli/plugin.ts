import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { ensureBinaries } from '../../../operator/testkit/index.ts';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';

export interface Ran {
  stdout: string;
  stderr: string;
  /** null after a signal. */
  exitCode: number | null;
}

export interface RunOptions {
  input?: string;
  env?: NodeJS.ProcessEnv;
}

/** A real kubectl with this package's plugin, installed as by npm: links named like `bin` of package.json on the PATH. */
export class Plugin implements AsyncDisposable {
  /** Home folder with the links and the kubeconfig of each user. */
  readonly dir: string;
  readonly kubectlPath: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(dir: string, kubectlPath: string) {
    this.dir = dir;
    this.kubectlPath = kubectlPath;
    const path = [dir, dirname(process.execPath), dirname(kubectlPath), process.env.PATH].join(delimiter);
    this.#env = { PATH: path, HOME: dir };
  }

  static async install(): Promise<Plugin> {
    const dir = await mkdtemp(join(tmpdir(), 'kubectl-restapi-'));
    const { bin } = JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    for (const [name, file] of Object.entries(bin)) await symlink(join(packageRoot(), file), join(dir, name));
    return new Plugin(dir, (await ensureBinaries(['kubectl'])).get('kubectl') as string);
  }

  /** Writes a file. @returns its path */
  async file(name: string, content: string): Promise<string> {
    const path = join(this.dir, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  }

  /** A user to run `kubectl …` as. */
  async as(config: KubeConfig, name: string): Promise<User> {
    return new User(this, await this.file(`${name}.kubeconfig`, config.exportConfig()));
  }

  /** Runs a program to its end, with kubectl and the plugin on the PATH. */
  async run(command: string, args: readonly string[], { input, env }: RunOptions = {}): Promise<Ran> {
    const child = this.spawn(command, args, env);
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input ?? '');
    const [exitCode] = await once(child, 'close');
    return { stdout, stderr, exitCode };
  }

  spawn(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(command, args, { env: { ...this.#env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.dir, { recursive: true });
  }
}

/** A user with a kubeconfig. */
export class User {
  readonly kubeconfig: string;
  readonly #plugin: Plugin;

  constructor(plugin: Plugin, kubeconfig: string) {
    this.#plugin = plugin;
    this.kubeconfig = kubeconfig;
  }

  /** Runs `kubectl restapi …` to its end. */
  restapi(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.kubectl(['restapi', ...args], options);
  }

  kubectl(args: readonly string[], { input, env }: RunOptions = {}): Promise<Ran> {
    const { kubectlPath } = this.#plugin;
    return this.#plugin.run(kubectlPath, args, { input, env: { KUBECONFIG: this.kubeconfig, ...env } });
  }

  /** Starts `kubectl restapi …`. */
  follow(...args: string[]): Following {
    const env = { KUBECONFIG: this.kubeconfig };
    return new Following(this.#plugin.spawn(this.#plugin.kubectlPath, ['restapi', ...args], env));
  }
}

/** A running `kubectl restapi …`. */
export class Following implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, 'close');
    const take = (chunk: Buffer) => {
      this.#output += chunk;
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Waits until its output matches. */
  says(pattern: RegExp): Promise<unknown> {
    const said = () => {
      if (pattern.test(this.#output)) return true;
      if (this.#child.exitCode !== null) throw new Error(`the process has exited: ${this.#output}`);
      return false;
    };
    return eventually(said, { everyMs: 20, what: `${pattern} in the output` }).catch((error) => {
      throw new Error(`${error.message}\n${this.#output}`);
    });
  }

  /** Sends a signal and waits for the process to end. @returns the exit code */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    await this.#ended;
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.end('SIGKILL');
  }
}
