import { setTimeout as sleep } from 'node:timers/promises';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** Signals that come within this time are one: npm passes on a Ctrl-C that its child has got from the terminal as well. */
const TOGETHER_MS = 300;
const PARENT_POLL_MS = 500;
/** No single end may take longer; a running handler of the operator gets 10 s. */
const END_DEADLINE_MS = 30_000;

/** The person, or the system, wants this program to end. */
export class Stopped extends Error {
  /** What a shell makes of a program ended by that signal. */
  readonly exitCode: number;

  constructor(why: string, exitCode: number) {
    super(why);
    this.exitCode = exitCode;
  }
}

/** How long this program lives, and what must be ended before it does. */
export class Lifetime {
  readonly #stopping = new AbortController();
  readonly #ends: { what: string; end: () => Promise<unknown>; worthTelling: boolean }[] = [];
  #firstSignalMs: number | undefined;

  /** Aborts when this program is to end; its reason is a Stopped, or what went wrong. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Begins to listen for signals and for what nobody else has caught. */
  listen(): void {
    for (const [name, number] of Object.entries(SIGNALS)) {
      process.on(name, () => this.#onSignal(name, 128 + number));
    }
    process.on('uncaughtException', (error) => this.fail(error));
    process.on('unhandledRejection', (reason) => this.fail(reason));
    // Whoever read this has gone (`| head`, a closed terminal): nobody is left to run for.
    process.stdout.on('error', () => this.stop('nobody reads what this program shows', 0));
    process.stderr.on('error', () => {});
    if (process.env.npm_lifecycle_event !== undefined) this.#followParent();
  }

  /**
   * Registers how something is ended. What was registered last is ended first.
   * @param worthTelling whether a person should read that it is being ended
   */
  onEnd(what: string, end: () => Promise<unknown>, { worthTelling = false } = {}): void {
    this.#ends.push({ what, end, worthTelling });
  }

  /** What there is to end that a person would care for, in the order in which it will be. */
  get toEnd(): string[] {
    return this.#ends
      .filter(({ worthTelling }) => worthTelling)
      .map(({ what }) => what)
      .reverse();
  }

  stop(why: string, exitCode: number): void {
    this.#stopping.abort(new Stopped(why, exitCode));
  }

  fail(error: unknown): void {
    this.#stopping.abort(error instanceof Error ? error : new Error(String(error)));
  }

  /** Ends what was registered, all of it whatever happens. @returns what could not be ended, in words for a person */
  async end(): Promise<string[]> {
    const failures: string[] = [];
    for (const { what, end } of this.#ends.splice(0).reverse()) {
      try {
        const late = new Error(`not done in ${END_DEADLINE_MS / 1000} s`);
        await Promise.race([end(), sleep(END_DEADLINE_MS, undefined, { ref: false }).then(() => Promise.reject(late))]);
      } catch (error) {
        failures.push(`${what} did not end cleanly: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failures;
  }

  #onSignal(name: string, exitCode: number): void {
    const now = performance.now();
    this.#firstSignalMs ??= now;
    // The second time it must not wait for anything; the cluster's supervisor notices and clears up.
    if (now - this.#firstSignalMs > TOGETHER_MS) process.exit(exitCode);
    this.stop(`${name} was received`, exitCode);
  }

  /** When npm is killed, its child hears nothing of it. */
  #followParent(): void {
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid !== parent) this.stop('npm has ended', 0);
    }, PARENT_POLL_MS);
    timer.unref();
  }
}
