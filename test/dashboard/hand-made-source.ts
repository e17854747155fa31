import type { ViewSource } from '../../operator/dashboard/views.ts';

/** Views by key that a test sets as it likes. */
export class HandMadeSource implements ViewSource {
  readonly plural = 'restapis';
  readonly #views = new Map<string, { row: object; full: object }>();
  #listener: (key: string) => void = () => {};
  /** How often a view was asked for. */
  looks = 0;

  keys(): string[] {
    return [...this.#views.keys()];
  }

  row(key: string): object | undefined {
    this.looks++;
    return this.#views.get(key)?.row;
  }

  full(key: string): object | undefined {
    this.looks++;
    return this.#views.get(key)?.full;
  }

  subscribe(listener: (key: string) => void): void {
    this.#listener = listener;
  }

  /** @param row undefined: it is gone */
  set(key: string, row: object | undefined, full: object = row ?? {}): void {
    if (row) this.#views.set(key, { row, full });
    else this.#views.delete(key);
    this.#listener(key);
  }
}
