import type { ServerResponse } from 'node:http';
import { Topic } from './topic.ts';
import { message, Viewer } from './viewer.ts';
import type { ViewSource } from './views.ts';

/** Changes are batched for this long before they are sent, in milliseconds. */
const BATCH_MS = 200;
/** Viewers get an event at least this often, in milliseconds: silence means that the connection is broken. */
const HEARTBEAT_MS = 10_000;
/** A viewer with more unsent bytes than this is too slow. */
const MAX_WAITING = 1024 * 1024;
const DEFAULT_MAX_VIEWERS = 20;

export interface LiveStreamsOptions {
  sources: readonly ViewSource[];
  /** Returns the state of the operator itself. */
  about: () => object;
  /** Default 20. */
  maxViewers?: number;
  /** Called when a view could not be built: the dashboard must not crash the operator. */
  onFailure: (key: string, error: unknown) => void;
}

interface Watched {
  source: ViewSource;
  topic: Topic;
  viewers: Set<Viewer>;
}

/** Streams resources and their changes to every open page. All of it comes from caches: a viewer costs no request. */
export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #changed = new Map<ViewSource, Set<string>>();
  #viewers = 0;
  #batch: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
    for (const source of options.sources) source.subscribe((key) => this.#change(source, key));
  }

  /** Number of open pages. */
  get viewers(): number {
    return this.#viewers;
  }

  /** Why no further page can be opened; undefined if one can. */
  get full(): string | undefined {
    const { maxViewers = DEFAULT_MAX_VIEWERS } = this.#options;
    return this.#viewers < maxViewers ? undefined : `The limit of ${maxViewers} open pages is reached; close one`;
  }

  /**
   * Turns a request into a stream of events, as long as the connection lasts.
   * @param path `restapis` for all of a kind, or `restapis/default/shop` for one
   * @returns false, without side effects, if there is no such kind
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
    this.#heartbeat ??= setInterval(() => this.sendAbout(), HEARTBEAT_MS);
    response.on('close', () => {
      viewers.delete(viewer);
      this.#viewers--;
      if (viewers.size === 0) this.#watched.delete(path);
      if (this.#viewers === 0) this.#stop();
    });
    viewer.send(this.#about());
    viewer.send(message('all', topic.all()));
    return true;
  }

  /** Sends the state of the operator to every viewer. */
  sendAbout(): void {
    if (this.#viewers === 0) return;
    const about = this.#about();
    for (const { viewers } of this.#watched.values()) for (const viewer of viewers) viewer.send(about);
  }

  /** Compares everything again, for example when the caches have been filled. */
  refresh(): void {
    for (const { topic, viewers } of this.#watched.values()) broadcast(viewers, topic.allChanged());
    this.sendAbout();
  }

  #about(): string {
    return message('operator', JSON.stringify(this.#options.about()));
  }

  #change(source: ViewSource, key: string): void {
    if (this.#viewers === 0) return;
    const keys = this.#changed.get(source);
    if (keys) keys.add(key);
    else this.#changed.set(source, new Set([key]));
    this.#batch ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush(): void {
    this.#batch = undefined;
    for (const { source, topic, viewers } of this.#watched.values()) {
      broadcast(viewers, topic.changed(this.#changed.get(source) ?? []));
    }
    this.#changed.clear();
  }

  /** Stops all timers: there are no viewers. */
  #stop(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#batch);
    this.#heartbeat = undefined;
    this.#batch = undefined;
    this.#changed.clear();
  }
}

function broadcast(viewers: Iterable<Viewer>, changed: string | undefined): void {
  if (changed === undefined) return;
  const event = message('changed', changed);
  for (const viewer of viewers) viewer.send(event);
}
