/** The state that a complete run left. */
interface Converged {
  /** Of all versions that the run left or saw. */
  fingerprint: string;
  /** Until when nothing changes by time alone, as performance.now() counts. */
  until: number;
}

/**
 * Remembers the state that the last complete run of each key left. While the caches show exactly that state, no run is needed:
 * most events are echoes of the operator's own writes.
 */
export class ConvergedRuns {
  readonly #runs = new Map<string, Converged>();
  /** Keys that have to run again whatever the caches show. */
  readonly #mustRerun = new Set<string>();

  /** How long a key needs no run, in milliseconds: 0 means run it now, Infinity means until something changes. */
  restMs(key: string, fingerprint: () => string): number {
    const run = this.#runs.get(key);
    if (run === undefined || run.fingerprint !== fingerprint()) return 0;
    return Math.max(0, run.until - performance.now());
  }

  /** A run of the key begins and invalidates the previous one. */
  begin(key: string): void {
    this.forget(key);
  }

  /**
   * Records a complete run, unless rerun() was called since it began.
   * @param restMs milliseconds until the next run is due even without a change
   */
  complete(key: string, fingerprint: string, restMs: number): void {
    if (this.#mustRerun.has(key)) return;
    this.#runs.set(key, { fingerprint, until: performance.now() + restMs });
  }

  /** Makes the next run of the key take place, whatever the caches show. */
  rerun(key: string): void {
    this.#runs.delete(key);
    this.#mustRerun.add(key);
  }

  forget(key: string): void {
    this.#runs.delete(key);
    this.#mustRerun.delete(key);
  }

  /** Invalidates all runs, so that every key runs again. */
  clear(): void {
    this.#runs.clear();
  }
}

/** The versions of a resource, of everything generated for it and of what it refers to, as one text. */
export function fingerprintOf(
  objects: readonly { metadata: { uid: string; resourceVersion: string } }[],
  references: readonly string[],
): string {
  const versions = objects.map(({ metadata: { uid, resourceVersion } }) => `${uid}:${resourceVersion}`);
  return [...versions, ...references].sort().join(' ');
}
