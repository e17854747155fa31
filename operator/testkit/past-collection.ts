/**
 * A collection as it once was, for faults that take one kind back in time: the lines of a streaming list (KEP-3157), each an
 * object added, and last the bookmark with the version of that moment.
 *
 * @example
 * ```ts
 * const past = await proxy.record(requests({ plural: 'pods', verb: 'watch' }));
 * proxy.rule({ match: requests({ plural: 'pods' }), fault: { kind: 'past', past } });
 * ```
 */
export class PastCollection {
  readonly #lines: readonly string[];
  readonly #list: string;

  private constructor(lines: readonly string[]) {
    this.#lines = lines;
    const events = lines.map((line) => JSON.parse(line) as WatchLine);
    const bookmark = events.find(({ type }) => type === 'BOOKMARK')?.object.metadata;
    const items = events.filter(({ type }) => type === 'ADDED').map(({ object }) => object);
    const [first] = items;
    this.#list = JSON.stringify({
      // Clients read a list's kind before its items; the kind of an empty list is unknown here.
      kind: first?.kind === undefined ? 'List' : `${first.kind}List`,
      apiVersion: first?.apiVersion ?? 'v1',
      metadata: { resourceVersion: bookmark?.resourceVersion ?? '' },
      items,
    });
  }

  /** @param lines of a streaming list, up to and with the bookmark that ends its initial events. @throws Error without that */
  static of(lines: readonly string[]): PastCollection {
    const end = lines.findIndex((line) => line.includes('k8s.io/initial-events-end'));
    if (end === -1) throw new Error('the streaming list ended before all of its initial events');
    return new PastCollection(lines.slice(0, end + 1));
  }

  /** The answer to a list, JSON. */
  get list(): string {
    return this.#list;
  }

  /** The answer to a streaming list, up to the moment from which the watch is silent. */
  get initialEvents(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }
}

interface WatchLine {
  type: string;
  object: { kind?: string; apiVersion?: string; metadata: { resourceVersion?: string } };
}
