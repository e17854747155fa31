import type { Run } from './run.ts';

/** The runs under way, one of a key at most. */
export class Runs {
  /** Those longest under way first: maps keep the order of insertion. */
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

  /** The run that has been under way longest. */
  get oldest(): Run | undefined {
    const oldest = this.#runs.values().next();
    return oldest.done ? undefined : oldest.value;
  }

  /** How many have been under way for at least so many milliseconds. */
  olderThan(leastMs: number): number {
    let older = 0;
    for (const { ms } of this.#runs.values()) {
      if (ms < leastMs) break;
      older++;
    }
    return older;
  }
}
