/** Objects of a cache by a value that is derived from them, like an index of a client-go Indexer. */
export class CacheIndex<T> {
  readonly #indexBy: (object: T) => string | undefined;
  readonly #byValue = new Map<string, Map<string, T>>();

  /** @param indexBy a pure function; undefined leaves an object out of the index */
  constructor(indexBy: (object: T) => string | undefined) {
    this.#indexBy = indexBy;
  }

  add(key: string, object: T): void {
    const value = this.#indexBy(object);
    if (value === undefined) return;
    const objects = this.#byValue.get(value);
    if (objects === undefined) this.#byValue.set(value, new Map([[key, object]]));
    else objects.set(key, object);
  }

  /** @param object the one that was added with this key */
  remove(key: string, object: T): void {
    const value = this.#indexBy(object);
    if (value === undefined) return;
    const objects = this.#byValue.get(value);
    objects?.delete(key);
    if (objects?.size === 0) this.#byValue.delete(value);
  }

  /** Returns the objects with this value, in a new array. */
  get(value: string): T[] {
    return [...(this.#byValue.get(value)?.values() ?? [])];
  }
}
