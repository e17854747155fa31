/** A key taken out of a lane. */
export interface Taken {
  key: string;
  /** When it was added, monotonic milliseconds. */
  since: number;
}

/** Returns the namespace of a key `namespace/name`; `''` for the key of a cluster-scoped object. */
export function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')));
}

/**
 * Waiting keys, fair between namespaces: namespaces take turns, and within a namespace keys are first in, first out. Thousands of
 * keys of one namespace delay a key of another namespace by one turn, not by thousands.
 */
export class FairLane {
  /** When each key was added, by namespace. The namespace whose turn is next comes first: maps keep their order. */
  readonly #namespaces = new Map<string, Map<string, number>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Returns when the key was added; undefined if it is not waiting. */
  since(key: string): number | undefined {
    return this.#namespaces.get(namespaceOf(key))?.get(key);
  }

  /** Adds a key at the end of its namespace's queue. It must not be in this lane. */
  add(key: string, since: number): void {
    const namespace = namespaceOf(key);
    const keys = this.#namespaces.get(namespace);
    if (keys) keys.set(key, since);
    else this.#namespaces.set(namespace, new Map([[key, since]]));
    this.#size++;
  }

  /** Removes a key. @returns whether it was in this lane */
  delete(key: string): boolean {
    const namespace = namespaceOf(key);
    const keys = this.#namespaces.get(namespace);
    if (!keys?.delete(key)) return false;
    if (keys.size === 0) this.#namespaces.delete(namespace);
    this.#size--;
    return true;
  }

  /**
   * Takes the next key.
   * @param open whether a key of a namespace may be taken now; a namespace that is not open keeps its turn
   */
  take(open: (namespace: string) => boolean): Taken | undefined {
    for (const [namespace, keys] of this.#namespaces) {
      if (!open(namespace)) continue;
      const next = keys.entries().next();
      if (next.done) continue;
      const [key, since] = next.value;
      keys.delete(key);
      this.#size--;
      this.#namespaces.delete(namespace);
      if (keys.size > 0) this.#namespaces.set(namespace, keys);
      return { key, since };
    }
    return undefined;
  }

  clear(): void {
    this.#namespaces.clear();
    this.#size = 0;
  }
}
