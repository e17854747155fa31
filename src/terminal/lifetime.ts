import { setTimeout as sleep } from 'node:timers/promises';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** Signals within this time, in milliseconds, count as one: npm forwards a Ctrl-C that its child also gets from the terminal. */
const TOGETHER_MS = 300;
const PARENT_POLL_MS = 500;
/** Time limit of each end, in milliseconds. The operator drains for 10 s. */
const END_DEADLINE_MS = 30_000;

/** The user or the system stopped this program. */
export class Stopped extends Error {
  /** The exit code by convention, such as 130 after SIGINT. */
  readonly exitCode: number;

  constructor(why: string, exitCode: number) {
    super(why);
    this.exitCode = exitCode;
  }
}

/** The lifetime of this program: signals that stop it, and what to clean up at the end. */
export class Lifetime {
  readonly #stopping = new AbortController();
  readonly #ends: { what: string; end: () => Promise<unknown>; reported: boolean }[] = [];
  #firstSignalMs: number | undefined;

  /** Aborts when this program has to end. The reason is a Stopped or an error. */
  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Starts to listen for signals and uncaught errors. */
  listen(): void {
    for (const [name, number] of Object.entries(SIGNALS)) {
      process.on(name, () => this.#onSignal(name, 128 + number));
    }
    process.on('uncaughtException', (error) => this.fail(error));
    process.on('unhandledRejection', (reason) => this.fail(reason));
    // The reader is gone: `| head`, a closed terminal.
    process.stdout.on('error', () => this.stop('standard output is closed', 0));
    process.stderr.on('error', () => {});
    if (process.env.npm_lifecycle_event !== undefined) this.#followParent();
  }

  /**
   * Registers a cleanup. They run in reverse order of registration.
   * @param reported whether to report to the user that it runs
   */
  onEnd(what: string, end: () => Promise<unknown>, { reported = false } = {}): void {
    this.#ends.push({ what, end, reported });
  }

  /** Names of the cleanups to report to the user, in the order in which they run. */
  get reportedEnds(): string[] {
    return this.#ends
      .filter(({ reported }) => reported)
      .map(({ what }) => what)
      .reverse();
  }

  stop(why: string, exitCode: number): void {
    this.#stopping.abort(new Stopped(why, exitCode));
  }

  fail(error: unknown): void {
    this.#stopping.abort(error instanceof Error ? error : new Error(String(error)));
  }

  /** Runs all cleanups, even if some fail. @returns messages about those that failed */
  async end(): Promise<string[]> {
    const failures: string[] = [];
    for (const { what, end } of this.#ends.splice(0).reverse()) {
      try {
        const late = new Error(`timed out after ${END_DEADLINE_MS / 1000} s`);
        await Promise.race([end(), sleep(END_DEADLINE_MS, undefined, { ref: false }).then(() => Promise.reject(late))]);
      } catch (error) {
        failures.push(`could not stop ${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failures;
  }

  #onSignal(name: string, exitCode: number): void {
    const now = performance.now();
    this.#firstSignalMs ??= now;
    // A second signal ends the program at once; the supervisor of the cluster cleans up.
    if (now - this.#firstSignalMs > TOGETHER_MS) process.exit(exitCode);
    this.stop(`received ${name}`, exitCode);
  }

  /** Ends with npm: a killed npm sends its child no signal. */
  #followParent(): void {
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid !== parent) this.stop('npm has exited', 0);
    }, PARENT_POLL_MS);
    timer.unref();
  }
}
