import { sleep } from '../async/sleep.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import { apiVersionOf, type ResourceType, resourcePath } from '../resource/resource-type.ts';
import { type ApiClient, METADATA_ONLY } from '../transport/api-client.ts';
import { ApiError, isNotFound } from '../transport/api-error.ts';
import { checkHistory, wentBack } from './history-check.ts';
import type { InformerTimings } from './informer-timings.ts';
import { jsonLines } from './json-lines.ts';
import { type Effect, initialMachine, type Machine, next, type Outcome } from './list-watch-state.ts';
import type { ServerHistory } from './server-history.ts';
import { type Change, keyOfStored, type Objects } from './store.ts';
import { recoveryFrom } from './watch-failure.ts';

/** What a list-watch tells, in order. `epoch`: the history of the server it is true in, see ServerHistory. */
export type ListWatchItem<T> =
  /** The whole collection at one moment. Always the first item, and again whenever the watch could not go on. */
  | { type: 'REPLACE'; objects: Objects<T>; resourceVersion: string; epoch: number }
  | { type: 'CHANGE'; change: Change<T>; resourceVersion: string; epoch: number }
  /** Nothing has happened up to this version. */
  | { type: 'BOOKMARK'; resourceVersion: string; epoch: number }
  /** The server does not serve this kind, so there is nothing of it. Told of optional kinds only; REPLACE ends it. */
  | { type: 'UNSERVED'; epoch: number };

/** A watch that has been opened again. */
export interface Reconnection {
  /** Why the one before ended, for a log line. */
  reason: string;
  /** The same in one of few words, for metrics: `ended`, `silent`, `stale`, `history`, or the `kind` of a Recovery. */
  cause: string;
  /** Whether the whole collection was, or is being, listed again. */
  relisted: boolean;
  /** From noticing that the one before had ended to the opening of this one, milliseconds. */
  gapMs: number;
}

export interface ListWatchOptions<T> {
  client: ApiClient;
  type: ResourceType;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  metadataOnly: boolean;
  /** The server may not serve the kind (no CRD): that is told, and looked at again from time to time, as no failure. */
  optional: boolean;
  /** What to keep of each object. */
  transform: (object: KubernetesObject) => T;
  /** What the reader has taken in so far: shows whether the server's history is still the same. Left out: only versions do. */
  known?: (() => Objects<T>) | undefined;
  /** The history of the server, shared by all that follow it. */
  history: ServerHistory;
  timings: InformerTimings;
  logger: Logger;
  /** Ends the generator. */
  signal: AbortSignal;
  onReconnect?: ((reconnection: Reconnection) => void) | undefined;
}

/** The annotation of the bookmark that ends the initial events of a streaming list (KEP-3157). */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** A watch event as it stands on the wire. */
interface WireEvent {
  type?: unknown;
  object?: KubernetesObject & { code?: number };
}

/** The reason of a signal that interrupts whatever a list-watch is doing. */
class Interruption extends Error {
  override readonly name = 'Interruption';
}

/**
 * Lists a collection and follows its changes, for ever: every failure is waited out and recovered from, until the signal aborts.
 *
 * Lists by a streaming list (WatchList) where the server has it, else page by page. What a watch could have missed is made
 * good by listing again; list-watch-state.ts says when. This class only does what the state asks for and tells what came of it.
 */
export class ListWatch<T extends KubernetesObject> {
  readonly #options: ListWatchOptions<T>;
  readonly #what: string;
  readonly #path: string;
  #machine: Machine;
  /** Ends what is being done now. */
  #activity = new AbortController();
  /** What interrupted it. */
  #interruption: Outcome | undefined;
  /** The epoch that the reader's objects are of; undefined: it has none from here. */
  #knownIn: number | undefined;
  #tellUnserved = false;
  #unknownTypeSeen = false;

  constructor(options: ListWatchOptions<T>) {
    this.#options = options;
    const { type, namespace, history } = options;
    this.#what = `${type.plural}${type.group === '' ? '' : `.${type.group}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
    this.#path = resourcePath(type, namespace);
    this.#machine = initialMachine(history.epoch);
  }

  /** What is wrong now, since when (as performance.now() tells it); undefined while it works. */
  get trouble(): Machine['trouble'] {
    return this.#machine.trouble;
  }

  /**
   * Opens the watch again where it stands, or asks for a kind that was not served, as the cache was found to lag behind. Does
   * nothing in other states, which come to a new list or watch by themselves.
   */
  abandon(reason: string): void {
    const { name } = this.#machine.state;
    if (name === 'Watching' || name === 'Unserved') this.#interrupt({ type: 'abandoned', reason });
  }

  /** Runs until the signal aborts. To be called once. */
  async *run(): AsyncGenerator<ListWatchItem<T>, void, undefined> {
    const { signal, history } = this.#options;
    const unsubscribe = history.subscribe(({ epoch }) => this.#interrupt({ type: 'replaced', epoch }));
    const onAbort = () => this.#activity.abort(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        // A report that came before this one listened, or its own.
        if (history.epoch !== this.#machine.epoch) this.#step({ type: 'replaced', epoch: history.epoch });
        this.#activity = new AbortController();
        this.#interruption = undefined;
        yield* this.#act(this.#activity.signal);
        if (!this.#tellUnserved) continue;
        this.#tellUnserved = false;
        this.#knownIn = undefined;
        yield { type: 'UNSERVED', epoch: this.#machine.epoch };
      }
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
    }
  }

  #interrupt(outcome: Outcome): void {
    // That the history is another one outweighs everything.
    if (this.#interruption?.type !== 'replaced') this.#interruption = outcome;
    this.#activity.abort(new Interruption(outcome.type));
  }

  /** Does what the present state asks for, up to one outcome that ends it. */
  async *#act(signal: AbortSignal): AsyncGenerator<ListWatchItem<T>, void, undefined> {
    const { state } = this.#machine;
    try {
      switch (state.name) {
        case 'Waiting':
        case 'Unserved':
          await sleep(state.pauseMs, signal);
          this.#step({ type: 'waited' });
          break;
        case 'Checking':
          this.#step(await this.#check(state.from, signal));
          break;
        case 'ListingByPages':
          yield* this.#listPages(signal);
          break;
        case 'Listing':
          yield* this.#stream(undefined, signal);
          break;
        case 'Watching':
          yield* this.#stream(state.from, signal);
      }
    } catch (error) {
      if (this.#options.signal.aborted) return;
      if (this.#interruption === undefined) this.#step(this.#outcomeOf(error));
    }
    const interruption = this.#interruption;
    this.#interruption = undefined;
    if (interruption !== undefined) this.#step(interruption);
  }

  #step(outcome: Outcome): void {
    const around = {
      nowMs: performance.now(),
      random: Math.random(),
      timings: this.#options.timings,
      what: this.#what,
    };
    const { machine, effects } = next(this.#machine, outcome, around);
    const { epoch } = this.#machine;
    this.#machine = machine;
    for (const effect of effects) this.#carryOut(effect, epoch);
  }

  #carryOut(effect: Effect, epoch: number): void {
    const { logger, onReconnect, history } = this.#options;
    switch (effect.type) {
      case 'log':
        logger[effect.level](effect.message, effect.fields);
        break;
      case 'report':
        history.replaced(epoch, this.#what, effect.reason);
        break;
      case 'reconnected':
        onReconnect?.(effect.reconnection);
        break;
      case 'unserved':
        this.#tellUnserved = true;
    }
  }

  #outcomeOf(error: unknown): Outcome {
    const { name } = this.#machine.state;
    if (this.#options.optional && isNotFound(error)) return { type: 'not served' };
    if (name === 'Listing' && error instanceof ApiError && (error.status === 400 || error.status === 422)) {
      const reason = `the server refuses streaming lists (${error.message})`;
      return { type: 'unlistable', reason, refused: true };
    }
    const askedMs = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    return { type: 'failed', recovery: recoveryFrom(error, this.#what), askedMs };
  }

  async #check(from: string, signal: AbortSignal): Promise<Outcome> {
    const { client, timings, known } = this.#options;
    // After a fault of this program itself the reader's objects are of nobody knows when.
    if (this.#knownIn !== this.#machine.epoch) return { type: 'checked', history: 'unknown' };
    const timeoutMs = timings.listTimeoutMs;
    return checkHistory({ client, collection: this.#options, from, known: known?.(), timeoutMs, signal });
  }

  async *#listPages(signal: AbortSignal): AsyncGenerator<ListWatchItem<T>, void, undefined> {
    const { client, type, namespace, labelSelector, fieldSelector, metadataOnly, timings } = this.#options;
    const { items, resourceVersion } = await client.listAll<KubernetesObject, T>(
      type,
      { namespace, labelSelector, fieldSelector, metadataOnly, timeoutMs: timings.listTimeoutMs, signal },
      (object) => this.#keep(object),
    );
    const objects = new Map<string, T>();
    for (const item of items) objects.set(keyOfStored(item), item);
    yield* this.#listed(objects, resourceVersion);
  }

  /** A whole list has arrived; tells of it, if it is of the history that is followed. */
  *#listed(objects: Map<string, T>, version: string): Generator<ListWatchItem<T>, void, undefined> {
    if (version === '') {
      throw new Error(`the list of ${this.#what} has no resourceVersion; check for a proxy in front of the API server`);
    }
    this.#step({ type: 'listed', version, rewound: this.#rewound(objects) });
    if (this.#machine.state.name !== 'Watching' || !this.#current) return;
    const { epoch } = this.#machine;
    this.#knownIn = epoch;
    yield { type: 'REPLACE', objects, resourceVersion: version, epoch };
  }

  /** Why a list is of another history than what the reader knows; undefined: nothing says so. */
  #rewound(objects: Map<string, T>): string | undefined {
    if (this.#knownIn !== this.#machine.epoch) return undefined;
    for (const [key, known] of this.#options.known?.() ?? []) {
      const now = objects.get(key);
      const why = now && wentBack(known, now);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  /** Whether what arrives now may be told: not if the history has been found to be another one. */
  get #current(): boolean {
    return this.#options.history.epoch === this.#machine.epoch;
  }

  /**
   * One watch, from its opening to its end.
   *
   * @param from a version to go on from; undefined: begin with a streaming list.
   */
  async *#stream(from: string | undefined, signal: AbortSignal): AsyncGenerator<ListWatchItem<T>, void, undefined> {
    const { client, labelSelector, fieldSelector, metadataOnly, timings } = this.#options;
    const timeoutSeconds = randomInteger(timings.watchTimeoutSeconds);
    const initial = from === undefined;
    const stream = await client.stream({
      path: this.#path,
      query: {
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds,
        labelSelector,
        fieldSelector,
        resourceVersion: from,
        // Without a resourceVersion: the most recent state, as a consistent read gives it.
        sendInitialEvents: initial ? true : undefined,
        resourceVersionMatch: initial ? 'NotOlderThan' : undefined,
      },
      accept: metadataOnly ? METADATA_ONLY.object : undefined,
      signal,
      connectTimeoutMs: timings.connectTimeoutMs,
      // The server ends it earlier. If not, nobody is there any more.
      deadlineMs: timeoutSeconds * 1000 + timings.watchGraceMs,
    });
    this.#step({ type: 'opened' });
    let listing: Map<string, T> | undefined = initial ? new Map() : undefined;
    // A server that does not know streaming lists ignores the parameter: it sends the objects and never says that these were all.
    const listTimer = initial ? setTimeout(() => stream.close(), timings.listTimeoutMs) : undefined;
    try {
      for await (const line of jsonLines(stream)) {
        // What has arrived of a history that is over is not told any more.
        if (!this.#current) return;
        const { type, object } = (line ?? {}) as WireEvent;
        if (type === 'ERROR') throw watchError(this.#path, object);
        if (typeof object !== 'object' || object === null)
          throw new Error('the watch stream contained an event without an object');
        const resourceVersion = object.metadata?.resourceVersion ?? '';

        if (listing !== undefined && type === 'BOOKMARK') {
          if (object.metadata?.annotations?.[INITIAL_EVENTS_END] !== 'true') continue;
          const objects = listing;
          listing = undefined;
          clearTimeout(listTimer);
          yield* this.#listed(objects, resourceVersion);
          if (this.#machine.state.name !== 'Watching') return;
          continue;
        }
        if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED' && type !== 'BOOKMARK') {
          this.#ignoreUnknown(type);
          continue;
        }
        if (listing !== undefined) {
          const kept = this.#keep(object);
          // The state as synthetic ADDED events in no order; a change may come in between.
          if (type === 'DELETED') listing.delete(keyOfStored(kept));
          else listing.set(keyOfStored(kept), kept);
          continue;
        }
        this.#step({ type: 'moved', version: resourceVersion });
        const { state, epoch } = this.#machine;
        if (state.name !== 'Watching') return;
        if (type === 'BOOKMARK') yield { type, resourceVersion, epoch };
        else yield { type: 'CHANGE', change: { type, object: this.#keep(object) }, resourceVersion, epoch };
      }
      this.#step({ type: 'ended' });
    } finally {
      clearTimeout(listTimer);
      stream.close();
    }
  }

  #ignoreUnknown(type: unknown): void {
    if (this.#unknownTypeSeen) return;
    this.#unknownTypeSeen = true;
    this.#options.logger.warn('Ignored a watch event of an unknown type', {
      resource: this.#what,
      type: String(type).slice(0, 50),
    });
  }

  /** Items of lists carry no kind, metadata-only objects a foreign one: all get their own, as shared strings. */
  #keep(object: KubernetesObject): T {
    const { type, transform } = this.#options;
    object.apiVersion = apiVersionOf(type);
    // Who watches by plural alone does not know the kind; watch events do.
    if (type.kind !== '') object.kind = type.kind;
    return transform(object);
  }
}

function watchError(path: string, status: (KubernetesObject & { code?: number }) | undefined): ApiError {
  return new ApiError({ status: status?.code ?? 500, method: 'WATCH', path, body: status });
}

function randomInteger([min, max]: readonly [number, number]): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}
