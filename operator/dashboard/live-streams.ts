import type { ServerResponse } from 'node:http';
import { Topic } from './topic.ts';
import { message, Viewer } from './viewer.ts';
import type { ViewSource } from './views.ts';

/** Changes are gathered for so long before viewers are told, in milliseconds: a person sees no faster. */
const GATHER_MS = 200;
/** Viewers hear something at least this often, in milliseconds: silence means that the connection is broken. */
const HEARTBEAT_MS = 10_000;
/** With so many bytes unsent a viewer is too slow. One message more may be waiting. */
const MAX_WAITING = 1024 * 1024;
const DEFAULT_MAX_VIEWERS = 20;

export interface LiveStreamsOptions {
  sources: readonly ViewSource[];
  /** What is told of the operator itself. */
  about: () => object;
  /** Default 20. */
  maxViewers?: number;
  /** Told of a view that could not be made: a page is no reason for an operator to end. */
  onFailure: (key: string, error: unknown) => void;
}

interface Watched {
  source: ViewSource;
  topic: Topic;
  viewers: Set<Viewer>;
}

/** Tells every open page what it looks at, and what changes. All of it comes from caches: a viewer costs no request. */
export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #changed = new Map<ViewSource, Set<string>>();
  #viewers = 0;
  #gathering: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
    for (const source of options.sources) source.subscribe((key) => this.#change(source, key));
  }

  /** How many pages are open. */
  get viewers(): number {
    return this.#viewers;
  }

  /** Why one more page cannot be told of anything, if so. */
  get full(): string | undefined {
    const { maxViewers = DEFAULT_MAX_VIEWERS } = this.#options;
    return this.#viewers < maxViewers ? undefined : `The limit of ${maxViewers} open pages is reached; close one`;
  }

  /**
   * Makes a request a stream of events, as long as the connection lasts.
   * @param path `restapis` for all of a kind, or `restapis/default/shop` for one
   * @returns false, with nothing done, if there is no such kind
   */
  open(path: string, response: ServerResponse): boolean {
    const slash = path.indexOf('/');
    const [plural, key] = slash < 0 ? [path, undefined] : [path.slice(0, slash), path.slice(slash + 1)];
    const source = this.#options.sources.find((one) => one.plural === plural);
    if (!source || key === '') return false;
    const viewer = new Viewer(response, MAX_WAITING);
    let watched = this.#watched.get(path);
    if (!watched) {
      const { onFailure } = this.#options;
      const topic = key === undefined ? Topic.all(source, onFailure) : Topic.one(source, key, onFailure);
      watched = { source, topic, viewers: new Set() };
      this.#watched.set(path, watched);
    }
    const { topic, viewers } = watched;
    viewers.add(viewer);
    this.#viewers++;
    this.#heartbeat ??= setInterval(() => this.tellAbout(), HEARTBEAT_MS);
    response.on('close', () => {
      viewers.delete(viewer);
      this.#viewers--;
      if (viewers.size === 0) this.#watched.delete(path);
      if (this.#viewers === 0) this.#rest();
    });
    viewer.send(this.#about());
    viewer.send(message('all', topic.all()));
    return true;
  }

  /** Tells every viewer how the operator is. */
  tellAbout(): void {
    if (this.#viewers === 0) return;
    const about = this.#about();
    for (const { viewers } of this.#watched.values()) for (const viewer of viewers) viewer.send(about);
  }

  /** Looks at everything anew, as when the caches have been filled. */
  refresh(): void {
    for (const { topic, viewers } of this.#watched.values()) tell(viewers, topic.allChanged());
    this.tellAbout();
  }

  #about(): string {
    return message('operator', JSON.stringify(this.#options.about()));
  }

  #change(source: ViewSource, key: string): void {
    if (this.#viewers === 0) return;
    const keys = this.#changed.get(source);
    if (keys) keys.add(key);
    else this.#changed.set(source, new Set([key]));
    this.#gathering ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    this.#gathering = undefined;
    for (const { source, topic, viewers } of this.#watched.values()) {
      tell(viewers, topic.changed(this.#changed.get(source) ?? []));
    }
    this.#changed.clear();
  }

  /** Nobody looks: nothing is done. */
  #rest(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#gathering);
    this.#heartbeat = undefined;
    this.#gathering = undefined;
    this.#changed.clear();
  }
}

function tell(viewers: Iterable<Viewer>, changed: string | undefined): void {
  if (changed === undefined) return;
  const event = message('changed', changed);
  for (const viewer of viewers) viewer.send(event);
}
