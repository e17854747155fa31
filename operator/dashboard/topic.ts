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
  readonly #onFailure: (key: string, error: unknown) => void;
  readonly #told = new Map<string, string>();

  private constructor(
    keys: () => Iterable<string>,
    view: (key: string) => object | undefined,
    onFailure: (key: string, error: unknown) => void,
  ) {
    this.#keys = keys;
    this.#view = view;
    this.#onFailure = onFailure;
    this.changed(keys());
  }

  /**
   * All resources of a kind.
   * @param onFailure told of a view that could not be made; what was told of it last stays
   */
  static all(source: ViewSource, onFailure: (key: string, error: unknown) => void): Topic {
    return new Topic(
      () => source.keys(),
      (key) => source.row(key),
      onFailure,
    );
  }

  /** One resource, which need not exist. */
  static one(source: ViewSource, key: string, onFailure: (key: string, error: unknown) => void): Topic {
    return new Topic(
      () => [key],
      (other) => (other === key ? source.full(key) : undefined),
      onFailure,
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
      let json: string | undefined;
      try {
        const view = this.#view(key);
        json = view && JSON.stringify(view);
      } catch (error) {
        this.#onFailure(key, error);
        continue;
      }
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
