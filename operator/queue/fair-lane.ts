/** A key taken out of a lane. */
export interface Taken {
  key: string;
  /** Since when it waited, monotonic milliseconds. */
  since: number;
}

/** The namespace of a key `namespace/name`; `''` for the key of a cluster-scoped object. */
export function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf('/')));
}

/**
 * Keys that wait, fair between namespaces: the namespaces take turns, and within one the key that came first goes first.
 * So thousands of keys of one namespace cost another namespace's key one place in line, not thousands.
 */
export class FairLane {
  /** Since when each key waits, by namespace. The namespace whose turn is next comes first: maps keep their order. */
  readonly #namespaces = new Map<string, Map<string, number>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns since when the key waits; undefined if it does not */
  since(key: string): number | undefined {
    return this.#namespaces.get(namespaceOf(key))?.get(key);
  }

  /** Puts a key at the end of its namespace's line. It must not wait in this lane. */
  add(key: string, since: number): void {
    const namespace = namespaceOf(key);
    const keys = this.#namespaces.get(namespace);
    if (keys) keys.set(key, since);
    else this.#namespaces.set(namespace, new Map([[key, since]]));
    this.#size++;
  }

  /** @returns whether the key waited here */
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
   * @param open whether a key of a namespace may be taken now; one that may not keeps its turn
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
