import { setTimeout as sleep } from 'node:timers/promises';

/** Faults that a component plays. A field that is undefined or 0 plays none, except `crash` and `hang`, where 0 is at once. */
export interface Faults {
  /** The process exits with code 1 after this time. */
  crashAfterSeconds?: number;
  /** Memory that is allocated per second and never freed. */
  leakMibPerSecond?: number;
  /** The event loop stops after this time: connections are accepted, but nothing is answered. */
  hangAfterSeconds?: number;
  /** Percentage of application requests that are answered with 500. */
  failPercent?: number;
  /** Delay of each application request. */
  latencyMs?: number;
  /** GET /health is answered with 503 for this time. */
  readyAfterSeconds?: number;
  /** CPU time that each application request uses. */
  burnCpuMs?: number;
}

const MIB = 1024 * 1024;
const LEAK_STEP_MS = 100;

/** Plays the faults of a component. */
export class FaultPlayer implements Disposable {
  readonly #faults: Faults;
  readonly #startedAt = performance.now();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #leaked: Buffer[] = [];
  #failures = 0;

  constructor(faults: Faults, log: (message: string) => void) {
    this.#faults = faults;
    const { crashAfterSeconds, hangAfterSeconds, leakMibPerSecond } = faults;
    if (crashAfterSeconds !== undefined) {
      this.#after(crashAfterSeconds, () => {
        log('Crashing as CRASH_AFTER_SECONDS demands');
        process.exit(1);
      });
    }
    if (hangAfterSeconds !== undefined) {
      this.#after(hangAfterSeconds, () => {
        log('Hanging as HANG_AFTER_SECONDS demands');
        // Blocks the event loop without using CPU.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });
    }
    if (leakMibPerSecond) {
      const bytes = Math.ceil((leakMibPerSecond * MIB * LEAK_STEP_MS) / 1000);
      // Filled, because untouched memory does not count.
      this.#timers.push(setInterval(() => this.#leaked.push(Buffer.alloc(bytes, 1)), LEAK_STEP_MS));
    }
  }

  /** Whether GET /health succeeds. */
  get ready(): boolean {
    return performance.now() - this.#startedAt >= (this.#faults.readyAfterSeconds ?? 0) * 1000;
  }

  /** Delays an application request, uses CPU time for it, and decides whether it fails. */
  async failsRequest(): Promise<boolean> {
    const { latencyMs = 0, burnCpuMs = 0, failPercent = 0 } = this.#faults;
    if (latencyMs > 0) await sleep(latencyMs);
    if (burnCpuMs > 0) burnCpu(burnCpuMs);
    // Spread evenly instead of at random, so that tests can count.
    this.#failures += failPercent;
    if (this.#failures < 100) return false;
    this.#failures -= 100;
    return true;
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #after(seconds: number, action: () => void): void {
    this.#timers.push(setTimeout(action, seconds * 1000));
  }
}

/** Uses CPU time, not only time: on a busy node that takes longer. */
function burnCpu(ms: number): void {
  const begin = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(begin);
    if ((user + system) / 1000 >= ms) return;
  }
}
