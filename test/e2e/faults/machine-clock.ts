import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from '../../../operator/testkit/index.ts';

const PROBE_MS = 100;
/** A probe takes a few milliseconds. What it takes beyond this is time in which this machine did something else. */
const SLOW_PROBE_MS = 300;

/**
 * Time as this process and its API server had it, for limits that must not be broken by other tests on the same two cores: it
 * stands still while this process or the server gets no time. While the server is away it goes on.
 */
export class MachineClock {
  readonly #cluster: ControlPlane;
  /** Milliseconds of the epoch, and what has been lost until then. */
  readonly #lost: { at: number; ms: number }[] = [{ at: 0, ms: 0 }];
  #stopped = false;

  constructor(cluster: ControlPlane) {
    this.#cluster = cluster;
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Milliseconds that this machine had between two times of the epoch. */
  between(from: number, to: number): number {
    return to - from - (this.#lostUntil(to) - this.#lostUntil(from));
  }

  /** How much time was lost so far, milliseconds. */
  get lostMs(): number {
    return this.#lost.at(-1)?.ms ?? 0;
  }

  async #run(): Promise<void> {
    for (let began = Date.now(); !this.#stopped; ) {
      await this.#cluster.revision().catch(() => undefined);
      await sleep(PROBE_MS);
      const now = Date.now();
      const lost = now - began - PROBE_MS - SLOW_PROBE_MS;
      if (lost > 0) {
        // Evenly over the time in which it was lost: a limit that ends in the middle of it is not made longer by all of it.
        this.#lost.push({ at: began, ms: this.lostMs }, { at: now, ms: this.lostMs + lost });
      }
      began = now;
    }
  }

  #lostUntil(at: number): number {
    const index = this.#lost.findLastIndex((one) => one.at <= at);
    const [before, after] = [this.#lost[index], this.#lost[index + 1]];
    if (!before) return 0;
    if (!after || after.at === before.at) return before.ms;
    return before.ms + ((at - before.at) / (after.at - before.at)) * (after.ms - before.ms);
  }
}
