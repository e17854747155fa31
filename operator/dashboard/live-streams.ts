import type { ServerResponse } from 'node:http';
import { Topic } from './topic.ts';
import { message, Viewer } from './viewer.ts';
import type { ViewSource } from './views.ts';

/** How long changes are collected before they are sent, milliseconds. */
const GATHER_MS = 200;
/** Time between heartbeats, milliseconds. Silence means that the connection is broken. */
const HEARTBEAT_MS = 10_000;
/** A viewer with more unsent bytes is too slow. One more message may be buffered. */
const MAX_WAITING = 1024 * 1024;
const DEFAULT_MAX_VIEWERS = 20;

export interface LiveStreamsOptions {
  sources: readonly ViewSource[];
  /** Returns the state of the operator. */
  about: () => object;
  /** Default 20. */
  maxViewers?: number;
  /** Receives the error of a view that could not be built, so that a page never stops an operator. */
  onFailure: (key: string, error: unknown) => void;
}

interface Watched {
  source: ViewSource;
  topic: Topic;
  viewers: Set<Viewer>;
}

/** Streams the resources of each open page and their changes. Everything comes from caches, so a viewer costs no request. */
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

  /** Number of open pages. */
  get viewers(): number {
    return this.#viewers;
  }

  /** The reason to refuse another page, if the limit is reached. */
  get full(): string | undefined {
    const { maxViewers = DEFAULT_MAX_VIEWERS } = this.#options;
    return this.#viewers < maxViewers ? undefined : `The limit of ${maxViewers} open pages is reached; close one`;
  }

  /**
   * Turns a response into a stream of events that lasts as long as its connection.
   * @param path `restapis` for all of a kind, or `restapis/default/shop` for one
   * @returns false, without writing to the response, if there is no such kind
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
      if (this.#viewers === 0) this.#stopTimers();
    });
    viewer.send(this.#about());
    viewer.send(message('all', topic.all()));
    return true;
  }

  /** Sends the state of the operator to every viewer. */
  tellAbout(): void {
    if (this.#viewers === 0) return;
    const about = this.#about();
    for (const { viewers } of this.#watched.values()) for (const viewer of viewers) viewer.send(about);
  }

  /** Recomputes all views, for example after the caches have synced. */
  refresh(): void {
    for (const { topic, viewers } of this.#watched.values()) send(viewers, topic.allChanged());
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
      send(viewers, topic.changed(this.#changed.get(source) ?? []));
    }
    this.#changed.clear();
  }

  /** Stops all timers while there are no viewers. */
  #stopTimers(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#gathering);
    this.#heartbeat = undefined;
    this.#gathering = undefined;
    this.#changed.clear();
  }
}

function send(viewers: Iterable<Viewer>, changed: string | undefined): void {
  if (changed === undefined) return;
  const event = message('changed', changed);
  for (const viewer of viewers) viewer.send(event);
}
