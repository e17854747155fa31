import { type ChildProcess, spawn } from 'node:child_process';

/** `exec` of a kubeconfig's user. */
export interface ExecConfig {
  command: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  apiVersion?: string;
  installHint?: string;
}

/** The credential of a plugin (client.authentication.k8s.io). */
export interface ExecCredential {
  token: string | undefined;
  certificate: string | undefined;
  key: string | undefined;
  /** Milliseconds since the epoch; undefined: it does not expire. */
  expiresAt: number | undefined;
}

/** How much of a failed plugin's stderr goes into the message, characters. */
const MAX_STDERR = 500;
/** Largest output that is read, bytes; a credential is a few kilobytes. */
const MAX_OUTPUT = 4 * 1024 * 1024;
/** How long after SIGTERM a plugin gets SIGKILL, milliseconds. */
const KILL_AFTER_MS = 2_000;

/**
 * Runs a credential plugin of a kubeconfig (`exec`), without blocking the event loop.
 *
 * A plugin that has not exited after `timeoutMs` is killed: SIGTERM, and SIGKILL 2 s later. Its own child processes are not. Its
 * input is empty, so that a plugin that asks for a password fails instead of waiting. Arguments and output are never part of
 * messages, as they may contain secrets.
 *
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats
 */
export class ExecPlugin {
  readonly #config: ExecConfig;
  readonly #timeoutMs: number;
  #last: ExecCredential | undefined;
  #child: ChildProcess | undefined;
  #stop: ((error: Error) => void) | undefined;

  constructor(config: ExecConfig, timeoutMs: number) {
    this.#config = config;
    this.#timeoutMs = timeoutMs;
  }

  /** Such as `the exec plugin "aws-iam-authenticator"`. */
  get description(): string {
    return `the exec plugin "${this.#config.command}"`;
  }

  /** Returns the last credential while it has not expired, else a new one. @throws Error that names the command */
  async credential(): Promise<ExecCredential> {
    if (this.#last !== undefined && (this.#last.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now()) return this.#last;
    if (!this.#config.command) throw new Error("the exec plugin of the kubeconfig's user has no command");
    this.#last = this.#parse(await this.#run());
    return this.#last;
  }

  /** Makes the next credential() run the plugin, because the last credential was refused. */
  forget(): void {
    this.#last = undefined;
  }

  /** Kills a running plugin; pending credential() calls reject. */
  close(): void {
    this.#stop?.(new Error(`${this.description} was killed because the client was closed`));
  }

  #run(): Promise<string> {
    const { command, args, installHint } = this.#config;
    return new Promise((resolve, reject) => {
      const child = spawn(command, args ?? [], { env: this.#environment(), stdio: ['ignore', 'pipe', 'pipe'] });
      this.#child = child;
      let output = '';
      let complaint = '';
      const over = (settle: () => void) => {
        if (this.#child !== child) return;
        clearTimeout(timer);
        this.#child = undefined;
        this.#stop = undefined;
        // A grandchild may keep them open.
        child.stdout.destroy();
        child.stderr.destroy();
        settle();
      };
      this.#stop = (error) =>
        over(() => {
          end(child);
          reject(error);
        });
      const timer = setTimeout(
        () =>
          this.#stop?.(
            new Error(
              `${this.description} returned no credential within ${this.#timeoutMs / 1000} s and was killed; run it manually to see what it waits for`,
            ),
          ),
        this.#timeoutMs,
      );
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.length > MAX_OUTPUT)
          this.#stop?.(new Error(`${this.description} wrote more than ${MAX_OUTPUT} bytes`));
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (complaint.length < MAX_STDERR) complaint += text;
      });
      child.on('error', (error) => {
        const hint = installHint ? ` ${installHint}` : '';
        over(() =>
          reject(new Error(`${this.description} could not be started: ${error.message}.${hint}`, { cause: error })),
        );
      });
      child.on('close', (code, signal) => {
        const said = complaint.replace(/\s+/g, ' ').trim().slice(0, MAX_STDERR);
        const how = code === null ? `was killed by ${signal}` : `exited with code ${code}`;
        over(() => {
          if (code === 0) resolve(output);
          else reject(new Error(`${this.description} ${how}${said === '' ? '' : `: ${said}`}`));
        });
      });
    });
  }

  #environment(): Record<string, string | undefined> {
    const { env, apiVersion = 'client.authentication.k8s.io/v1' } = this.#config;
    const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
    const own = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
    return { ...process.env, KUBERNETES_EXEC_INFO: info, ...own };
  }

  #parse(output: string): ExecCredential {
    let status: Record<string, unknown> | undefined;
    try {
      status = (JSON.parse(output) as { status?: Record<string, unknown> } | null)?.status;
    } catch {
      // Without cause: the parser's message quotes what it read.
      throw new Error(`${this.description} did not write JSON`);
    }
    const text = (name: string) =>
      (typeof status?.[name] === 'string' ? (status[name] as string) : undefined) || undefined;
    const token = text('token');
    const certificate = text('clientCertificateData');
    const key = text('clientKeyData');
    if (token === undefined && (certificate === undefined || key === undefined))
      throw new Error(
        `${this.description} returned neither status.token nor status.clientCertificateData with clientKeyData`,
      );
    const expiresAt = Date.parse(text('expirationTimestamp') ?? '');
    return { token, certificate, key, expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt };
  }
}

function end(child: ChildProcess): void {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  timer.unref();
  child.once('exit', () => clearTimeout(timer));
  // This process may exit before the plugin does.
  child.unref();
}
