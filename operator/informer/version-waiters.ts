import { compareResourceVersions } from './resource-version.ts';

interface Waiter {
  version: string;
  /** The version belongs to a history that is over. */
  outdated: boolean;
  settle: (seen: boolean) => void;
}

/** The version a cache has reached, and the waiters for later ones. */
export class VersionWaiters {
  readonly #waiting = new Set<Waiter>();
  #seen: string | undefined;
  #ended = false;
  /** The collection no longer exists. */
  #vanished = false;

  /** The last version seen. */
  get seen(): string | undefined {
    return this.#seen;
  }

  /** The cache has reached `version`. */
  advance(version: string): void {
    if (version === '') return;
    this.#seen = version;
    for (const waiter of this.#waiting) {
      if (this.hasSeen(waiter.version)) waiter.settle(true);
    }
  }

  /**
   * The cache was refilled at `version`, which may be older than what was seen before. It contains all that is left of an
   * outdated history.
   */
  restart(version: string): void {
    this.#vanished = false;
    this.#seen = version === '' ? undefined : version;
    for (const waiter of this.#waiting) if (waiter.outdated) waiter.settle(true);
    this.advance(version);
  }

  /** The history of all versions so far is over. Current waiters are resolved by the next restart(). */
  outdate(): void {
    this.#seen = undefined;
    for (const waiter of this.#waiting) waiter.outdated = true;
  }

  /** The collection no longer exists, so no write to it can be missing. Ends with restart(). */
  vanish(): void {
    this.#vanished = true;
    this.#seen = undefined;
    for (const waiter of this.#waiting) waiter.settle(true);
  }

  /** No further version will be seen. */
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

  /** Whether the cache has reached `version`. */
  hasSeen(version: string): boolean {
    if (this.#vanished) return true;
    if (this.#seen === undefined) return false;
    // Versions that are not integers have no order: only equality counts.
    const compared = compareResourceVersions(this.#seen, version);
    return compared !== undefined && compared >= 0;
  }
}
