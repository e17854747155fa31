import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../src/package/package-root.ts';
import { eventually } from '../../support/eventually.ts';

/** The shop in one file, built as its README says. */
export class ShopBundle implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async build(): Promise<ShopBundle> {
    const bundle = new ShopBundle(await mkdtemp(join(tmpdir(), 'shop-bundle-')));
    const script = join(packageRoot(), 'examples', 'shop', 'build.ts');
    await promisify(execFile)(process.execPath, [script, bundle.#file]);
    // For processes of other users.
    await chmod(bundle.#folder, 0o755);
    return bundle;
  }

  get #file(): string {
    return join(this.#folder, 'shop.mjs');
  }

  /**
   * Runs a component on a free port, with these variables and no others.
   * @param uid user of the process; only root can choose another one
   */
  run(variables: Record<string, string>, uid?: number): ShopProcess {
    return new ShopProcess(this.#file, variables, uid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A component in a process of its own. */
export class ShopProcess implements AsyncDisposable {
  readonly #child;
  readonly #exited: Promise<unknown[]>;
  /** What it wrote to standard output and standard error. */
  output = '';

  constructor(file: string, variables: Record<string, string>, uid?: number) {
    const env = { PORT: '0', HOSTNAME: 'pod', SHOP_VERSION: '1.0.0', DATA_FOLDER: '/nonexistent/data', ...variables };
    this.#child = spawn(process.execPath, [file], { env, uid, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
    }
  }

  /** Resolves with its address when it serves. */
  url(): Promise<string> {
    return eventually(() => {
      const port = /"message":"Serving".*"port":(\d+)/.exec(this.output)?.[1];
      return port && `http://127.0.0.1:${port}`;
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves with its exit code when it has ended. */
  async exitCode(): Promise<unknown> {
    return (await this.#exited)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}
