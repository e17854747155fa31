import { plainText } from '../log/plain-text.ts';
import type { ViewSource } from './views.ts';

/**
 * What a group of viewers shows, in its last sent state: all resources of a kind as rows, or one in full. Each view is built and
 * serialized once, however many viewers there are.
 *
 * Messages are JSON: an array of `[key, view]`, with null as the view of a deleted resource.
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
   * All resources of a kind.
   * @param onFailure called when a view could not be built; its last state stays
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

  /** Returns the message for a new viewer. */
  all(): string {
    return arrayOf(this.#sent);
  }

  /** Returns the message after these resources may have changed; undefined if their views are the same. */
  changed(keys: Iterable<string>): string | undefined {
    const changes = new Map<string, string>();
    for (const key of keys) {
      let json: string | undefined;
      try {
        const view = this.#view(key);
        // Views quote text of the cluster, which must not change how the page shows other text.
        json = view && JSON.stringify(view, (_key, value) => (typeof value === 'string' ? plainText(value) : value));
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

  /** The same for all current and earlier resources. */
  allChanged(): string | undefined {
    return this.changed(new Set([...this.#sent.keys(), ...this.#keys()]));
  }
}

function arrayOf(views: ReadonlyMap<string, string>): string {
  return `[${[...views].map(([key, json]) => `[${JSON.stringify(key)},${json}]`).join(',')}]`;
}
