/**
 * Merges several histories, each of which reports its own part in order. Resource versions order the changes of all kinds, as
 * every write to the cluster gets the next one. A change is returned as soon as no history can report an earlier one.
 */
export class MergedHistory<T> {
  readonly #reached = new Map<string, number>();
  #waiting: { version: number; item: T }[] = [];

  constructor(sources: readonly string[]) {
    for (const source of sources) this.#reached.set(source, 0);
  }

  /** Adds a change of `source`. @throws Error if `source` had already reached that version */
  add(source: string, version: number, item: T): void {
    const reached = this.#reached.get(source) ?? 0;
    if (version <= reached) throw new Error(`${source}: change ${version} came after ${reached}`);
    this.#waiting.push({ version, item });
    this.reach(source, version);
  }

  /** Records that `source` has reported everything up to this version. */
  reach(source: string, version: number): void {
    this.#reached.set(source, Math.max(version, this.#reached.get(source) ?? 0));
  }

  /** Returns the changes whose order is now certain, in order, each of them once. */
  take(): { version: number; item: T }[] {
    const certain = Math.min(...this.#reached.values());
    const due = this.#waiting.filter(({ version }) => version <= certain);
    if (due.length > 0) this.#waiting = this.#waiting.filter(({ version }) => version > certain);
    return due.sort((a, b) => a.version - b.version);
  }
}
