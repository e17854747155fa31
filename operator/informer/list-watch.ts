import { sleep } from '../async/sleep.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { apiVersionOf, resourcePath } from '../resource/resource-type.ts';
import { ApiError, isNotFound } from '../transport/api-error.ts';
import { checkHistory, wentBack } from './history-check.ts';
import type { ListWatchItem, ListWatchOptions } from './list-watch-options.ts';
import { type Effect, initialMachine, type Machine, type Outcome } from './list-watch-state.ts';
import { next } from './list-watch-step.ts';
import { keyOfStored } from './store.ts';
import { endsInitialEvents, watchEvents } from './watch-events.ts';
import { recoveryFrom } from './watch-failure.ts';
import { watchRequest } from './watch-request.ts';

/** Abort reason of whatever a list-watch is doing when something interrupts it. */
class Interruption extends Error {
  override readonly name = 'Interruption';
}

/**
 * Lists a collection and follows its changes until the signal aborts, recovering from every failure.
 *
 * Lists by a streaming list (WatchList) where the server has it, else page by page. Where a watch could have missed something
 * the collection is listed again. list-watch-step.ts decides; this class runs each state's activity and reports the outcome.
 */
export class ListWatch<T extends KubernetesObject> {
  readonly #options: ListWatchOptions<T>;
  readonly #what: string;
  readonly #path: string;
  #machine: Machine;
  /** Ends the current activity. */
  #activity = new AbortController();
  /** What interrupted the activity. */
  #interruption: Outcome | undefined;
  /** The epoch of the reader's objects; undefined: it has none from this list-watch. */
  #knownIn: number | undefined;
  #yieldUnserved = false;
  #unknownTypeSeen = false;

  constructor(options: ListWatchOptions<T>) {
    this.#options = options;
    const { type, namespace, history } = options;
    this.#what = `${type.plural}${type.group === '' ? '' : `.${type.group}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
    this.#path = resourcePath(type, namespace);
    this.#machine = initialMachine(history.epoch);
  }

  /** The current problem and when it began (performance.now()); undefined while the watch works. */
  get trouble(): Machine['trouble'] {
    return this.#machine.trouble;
  }

  /**
   * Reopens the watch at its current version, or asks again for a kind that was not served, because the cache lags behind. Does
   * nothing in other states, which lead to a new list or watch by themselves.
   */
  abandon(reason: string): void {
    const { name } = this.#machine.state;
    if (name === 'Watching' || name === 'Unserved') this.#interrupt({ type: 'abandoned', reason });
  }

  /** Runs until the signal aborts. Call it once. */
  async *run(): AsyncGenerator<ListWatchItem<T>, void, undefined> {
    const { signal, history } = this.#options;
    const unsubscribe = history.subscribe(({ epoch }) => this.#interrupt({ type: 'replaced', epoch }));
    const onAbort = () => this.#activity.abort(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        // Reported before this list-watch subscribed, or by itself.
        if (history.epoch !== this.#machine.epoch) this.#step({ type: 'replaced', epoch: history.epoch });
        this.#activity = new AbortController();
        this.#interruption = undefined;
        yield* this.#act(this.#activity.signal);
        if (!this.#yieldUnserved) continue;
        this.#yieldUnserved = false;
        this.#knownIn = undefined;
        yield { type: 'UNSERVED', epoch: this.#machine.epoch };
      }
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', onAbort);
    }
  }

  #interrupt(outcome: Outcome): void {
    // A changed history outweighs everything else.
    if (this.#interruption?.type !== 'replaced') this.#interruption = outcome;
    this.#activity.abort(new Interruption(outcome.type));
  }

  /** Runs the activity of the current state, up to one outcome that ends it. */
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
    const context = {
      nowMs: performance.now(),
      random: Math.random(),
      timings: this.#options.timings,
      what: this.#what,
    };
    const { machine, effects } = next(this.#machine, outcome, context);
    const { epoch } = this.#machine;
    this.#machine = machine;
    for (const effect of effects) this.#execute(effect, epoch);
  }

  #execute(effect: Effect, epoch: number): void {
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
        this.#yieldUnserved = true;
    }
  }

  #outcomeOf(error: unknown): Outcome {
    const { name } = this.#machine.state;
    if (this.#options.optional && isNotFound(error)) return { type: 'not served' };
    if (name === 'Listing' && error instanceof ApiError && (error.status === 400 || error.status === 422)) {
      const reason = `the server refuses streaming lists (${error.message})`;
      return { type: 'unlistable', reason, refused: true };
    }
    const requestedMs = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    return { type: 'failed', recovery: recoveryFrom(error, this.#what), requestedMs };
  }

  async #check(from: string, signal: AbortSignal): Promise<Outcome> {
    const { client, timings, known } = this.#options;
    // After an internal error it is unknown which version the reader's objects are of.
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

  /** A whole list has arrived. Yields it if it belongs to the history being followed. */
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

  /** Returns evidence that a list belongs to another history than the reader's objects; undefined if there is none. */
  #rewound(objects: Map<string, T>): string | undefined {
    if (this.#knownIn !== this.#machine.epoch) return undefined;
    for (const [key, known] of this.#options.known?.() ?? []) {
      const now = objects.get(key);
      const why = now && wentBack(known, now);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  /** Whether what arrives now may be yielded: not once the history is known to have changed. */
  get #current(): boolean {
    return this.#options.history.epoch === this.#machine.epoch;
  }

  /**
   * Runs one watch, from its opening to its end.
   *
   * @param from a version to continue from; undefined: begin with a streaming list
   */
  async *#stream(from: string | undefined, signal: AbortSignal): AsyncGenerator<ListWatchItem<T>, void, undefined> {
    const { client, timings } = this.#options;
    const initial = from === undefined;
    const stream = await client.stream(watchRequest(this.#path, this.#options, from, signal));
    this.#step({ type: 'opened' });
    let listing: Map<string, T> | undefined = initial ? new Map() : undefined;
    // A server without streaming lists ignores the parameter: it sends the objects and no bookmark that ends them.
    const listTimer = initial ? setTimeout(() => stream.close(), timings.listTimeoutMs) : undefined;
    try {
      for await (const { type, object } of watchEvents(stream, this.#path)) {
        // Events of a history that is over are dropped.
        if (!this.#current) return;
        const resourceVersion = object.metadata?.resourceVersion ?? '';

        if (listing !== undefined && type === 'BOOKMARK') {
          if (!endsInitialEvents(object)) continue;
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
          // The state comes as synthetic ADDED events in no order; real changes may come in between.
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

  /** Items of lists have no kind, metadata-only objects have PartialObjectMetadata: all get their own, as shared strings. */
  #keep(object: KubernetesObject): T {
    const { type, transform } = this.#options;
    object.apiVersion = apiVersionOf(type);
    // A type given by its plural alone has no kind; watch events have.
    if (type.kind !== '') object.kind = type.kind;
    return transform(object);
  }
}
