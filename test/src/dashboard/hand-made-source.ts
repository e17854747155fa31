import type { ViewSource } from '../../../operator/dashboard/views.ts';

/** A source whose views a test sets. */
export class HandMadeSource implements ViewSource {
  readonly plural = 'restapis';
  readonly #views = new Map<string, { row: object; full: object }>();
  #listener: (key: string) => void = () => {};
  /** Number of views read. */
  reads = 0;

  keys(): string[] {
    return [...this.#views.keys()];
  }

  row(key: string): object | undefined {
    this.reads++;
    return this.#views.get(key)?.row;
  }

  full(key: string): object | undefined {
    this.reads++;
    return this.#views.get(key)?.full;
  }

  subscribe(listener: (key: string) => void): void {
    this.#listener = listener;
  }

  /** Sets the views of a key. @param row undefined: deleted */
  set(key: string, row: object | undefined, full: object = row ?? {}): void {
    if (row) this.#views.set(key, { row, full });
    else this.#views.delete(key);
    this.#listener(key);
  }
}
