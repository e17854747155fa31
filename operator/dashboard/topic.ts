import type { ViewSource } from './views.ts';

/**
 * The views that a group of viewers watches, as last sent: rows of all resources of a kind, or one resource in detail. Each view
 * is built and serialized once, however many viewers there are.
 *
 * The methods return JSON: an array of `[key, view]`, where a null view means that the resource no longer exists.
 */
export class Topic {
  readonly #keys: () => Iterable<string>;
  readonly #view: (key: string) => object | undefined;
  readonly #onFailure: (key: string, error: unknown) => void;
  readonly #sent = new Map<string, string>();

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
   * Creates the topic of all resources of a kind.
   * @param onFailure receives the error of a view that could not be built; the one sent last stays
   */
  static all(source: ViewSource, onFailure: (key: string, error: unknown) => void): Topic {
    return new Topic(
      () => source.keys(),
      (key) => source.row(key),
      onFailure,
    );
  }

  /** Creates the topic of one resource, which need not exist. */
  static one(source: ViewSource, key: string, onFailure: (key: string, error: unknown) => void): Topic {
    return new Topic(
      () => [key],
      (other) => (other === key ? source.full(key) : undefined),
      onFailure,
    );
  }

  /** Returns everything, for a new viewer. */
  all(): string {
    return arrayOf(this.#sent);
  }

  /** Rebuilds the views of these keys and returns those that changed; undefined if none did. */
  changed(keys: Iterable<string>): string | undefined {
    const changes = new Map<string, string>();
    for (const key of keys) {
      let json: string | undefined;
      try {
        const view = this.#view(key);
        json = view && JSON.stringify(view);
      } catch (error) {
        this.#onFailure(key, error);
        continue;
      }
      if (json === this.#sent.get(key)) continue;
      if (json === undefined) this.#sent.delete(key);
      else this.#sent.set(key, json);
      changes.set(key, json ?? 'null');
    }
    return changes.size > 0 ? arrayOf(changes) : undefined;
  }

  /** Like changed(), for all keys sent before or existing now. */
  allChanged(): string | undefined {
    return this.changed(new Set([...this.#sent.keys(), ...this.#keys()]));
  }
}

function arrayOf(views: ReadonlyMap<string, string>): string {
  return `[${[...views].map(([key, json]) => `[${JSON.stringify(key)},${json}]`).join(',')}]`;
}
