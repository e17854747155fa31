import { compareResourceVersions } from './resource-version.ts';

interface Waiter {
  version: string;
  /** The version is of a history that is over. */
  outdated: boolean;
  settle: (seen: boolean) => void;
}

/** How far a cache has come, and who waits for it to come further. */
export class VersionWaiters {
  readonly #waiting = new Set<Waiter>();
  #seen: string | undefined;
  #ended = false;
  /** The collection is no more. */
  #vanished = false;

  /** The last version seen. */
  get seen(): string | undefined {
    return this.#seen;
  }

  /** The cache has come to `version`. */
  advance(version: string): void {
    if (version === '') return;
    this.#seen = version;
    for (const waiter of this.#waiting) {
      if (this.hasSeen(waiter.version)) waiter.settle(true);
    }
  }

  /**
   * The cache was filled anew at `version`, which may be older than what was seen before. It holds all that is left of an outdated
   * history.
   */
  restart(version: string): void {
    this.#vanished = false;
    this.#seen = version === '' ? undefined : version;
    for (const waiter of this.#waiting) if (waiter.outdated) waiter.settle(true);
    this.advance(version);
  }

  /** The history of all versions so far is over. Those that are waited for now come with the next restart(), or never. */
  outdate(): void {
    this.#seen = undefined;
    for (const waiter of this.#waiting) waiter.outdated = true;
  }

  /** There is no such collection any more: whatever was written to it, nothing is left to be seen. Until restart(). */
  vanish(): void {
    this.#vanished = true;
    this.#seen = undefined;
    for (const waiter of this.#waiting) waiter.settle(true);
  }

  /** Nothing more will be seen. */
  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiting) waiter.settle(false);
  }

  waitFor(version: string, deadlineMs: number): Promise<boolean> {
    if (this.hasSeen(version)) return Promise.resolve(true);
    if (this.#ended || deadlineMs <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        version,
        outdated: false,
        settle: (seen) => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          resolve(seen);
        },
      };
      const timer = setTimeout(() => waiter.settle(false), deadlineMs);
      this.#waiting.add(waiter);
    });
  }

  /** Whether the cache has come to `version`. */
  hasSeen(version: string): boolean {
    if (this.#vanished) return true;
    if (this.#seen === undefined) return false;
    // Versions that are no integers have no order: only the very one counts.
    const compared = compareResourceVersions(this.#seen, version);
    return compared !== undefined && compared >= 0;
  }
}
