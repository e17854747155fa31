import type { ViewSource } from './views.ts';

/**
 * What some viewers look at, as they were told last: all resources of a kind in short, or one by itself. However many
 * viewers there are, each view is made, and written as JSON, once.
 *
 * What is to be told is JSON: an array of `[key, view]`, with null as the view of what does not exist any more.
 */
export class Topic {
  readonly #keys: () => Iterable<string>;
  readonly #view: (key: string) => object | undefined;
  readonly #told = new Map<string, string>();

  private constructor(keys: () => Iterable<string>, view: (key: string) => object | undefined) {
    this.#keys = keys;
    this.#view = view;
    this.changed(keys());
  }

  /** All resources of a kind. */
  static all(source: ViewSource): Topic {
    return new Topic(
      () => source.keys(),
      (key) => source.row(key),
    );
  }

  /** One resource, which need not exist. */
  static one(source: ViewSource, key: string): Topic {
    return new Topic(
      () => [key],
      (other) => (other === key ? source.full(key) : undefined),
    );
  }

  /** What a new viewer has to be told. */
  all(): string {
    return arrayOf(this.#told);
  }

  /** What the viewers have to be told after these may have changed; undefined if they look the same. */
  changed(keys: Iterable<string>): string | undefined {
    const news = new Map<string, string>();
    for (const key of keys) {
      const view = this.#view(key);
      const json = view && JSON.stringify(view);
      if (json === this.#told.get(key)) continue;
      if (json === undefined) this.#told.delete(key);
      else this.#told.set(key, json);
      news.set(key, json ?? 'null');
    }
    return news.size > 0 ? arrayOf(news) : undefined;
  }

  /** The same for all there is or was. */
  allChanged(): string | undefined {
    return this.changed(new Set([...this.#told.keys(), ...this.#keys()]));
  }
}

function arrayOf(views: ReadonlyMap<string, string>): string {
  return `[${[...views].map(([key, json]) => `[${JSON.stringify(key)},${json}]`).join(',')}]`;
}
