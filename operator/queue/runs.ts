import type { Run } from './run.ts';

/** The current runs, at most one per key. */
export class Runs {
  /** The longest running first: maps keep the order of insertion. */
  readonly #runs = new Map<string, Run>();

  get size(): number {
    return this.#runs.size;
  }

  get(key: string): Run | undefined {
    return this.#runs.get(key);
  }

  add(run: Run): void {
    this.#runs.set(run.key, run);
  }

  delete({ key }: Run): void {
    this.#runs.delete(key);
  }

  /** The longest running run. */
  get oldest(): Run | undefined {
    const oldest = this.#runs.values().next();
    return oldest.done ? undefined : oldest.value;
  }

  /** Counts the runs that have been running for at least `leastMs` milliseconds. */
  olderThan(leastMs: number): number {
    let older = 0;
    for (const { ms } of this.#runs.values()) {
      if (ms < leastMs) break;
      older++;
    }
    return older;
  }
}
