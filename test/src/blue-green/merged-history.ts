/**
 * Makes one history of several, each of which tells its own part in order: resource versions order the changes of all
 * kinds, as every write to the cluster gets the next one. A change is given out as soon as no history can tell of an
 * earlier one any more.
 */
export class MergedHistory<T> {
  readonly #reached = new Map<string, number>();
  #waiting: { version: number; item: T }[] = [];

  constructor(sources: readonly string[]) {
    for (const source of sources) this.#reached.set(source, 0);
  }

  /** `source` tells of a change. @throws Error if it had come further than that already */
  add(source: string, version: number, item: T): void {
    const reached = this.#reached.get(source) ?? 0;
    if (version <= reached) throw new Error(`${source}: change ${version} came after ${reached}`);
    this.#waiting.push({ version, item });
    this.reach(source, version);
  }

  /** `source` has told everything up to this version. */
  reach(source: string, version: number): void {
    this.#reached.set(source, Math.max(version, this.#reached.get(source) ?? 0));
  }

  /** The changes that have their place now, in order; each is given out once. */
  take(): { version: number; item: T }[] {
    const certain = Math.min(...this.#reached.values());
    const due = this.#waiting.filter(({ version }) => version <= certain);
    if (due.length > 0) this.#waiting = this.#waiting.filter(({ version }) => version > certain);
    return due.sort((a, b) => a.version - b.version);
  }
}
