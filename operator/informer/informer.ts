import { abortable } from '../async/abortable.ts';
import { sleep } from '../async/sleep.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { errorFields, type Logger, silentLogger, withFields } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import { CacheIndex } from './cache-index.ts';
import { CacheProgress } from './cache-progress.ts';
import { EventHandlers } from './event-handlers.ts';
import type { InformerHandler } from './informer-event.ts';
import type { InformerOptions, Trouble } from './informer-options.ts';
import { DEFAULT_INFORMER_TIMINGS, type InformerTimings } from './informer-timings.ts';
import { ListWatch } from './list-watch.ts';
import type { ListWatchItem } from './list-watch-options.ts';
import { proveCurrent } from './prove-current.ts';
import type { Reconnection } from './reconnection.ts';
import { safeTransform } from './safe-transform.ts';
import { ServerHistory } from './server-history.ts';
import { reduceChange, reduceReplace, Store, storeKey } from './store.ts';
import { VersionWaiters } from './version-waiters.ts';

/** The pause after an internal error, milliseconds. */
const INTERNAL_ERROR_PAUSE_MS = 1_000;

/**
 * A cache of one collection that follows the cluster: lists it, watches it, and notifies subscribers of changes.
 *
 * It recovers from every failure of the network and the server, and converges to the state of the server. Objects are shared
 * between all readers: do not change them.
 *
 * @example
 * ```ts
 * const informer = new Informer({ client, type: pods, logger });
 * informer.subscribe(({ type, object }) => console.log(type, object.metadata?.name));
 * informer.start();
 * await informer.synced();
 * ```
 */
export class Informer<T extends KubernetesObject> {
  readonly type: ResourceType;
  readonly namespace: string | undefined;
  /** Whether the server may not serve the kind. */
  readonly optional: boolean;
  /** The history of the server that this cache follows. */
  readonly history: ServerHistory;
  readonly #options: InformerOptions<T>;
  readonly #logger: Logger;
  readonly #store = new Store<T>();
  readonly #transform: (object: KubernetesObject) => T;
  readonly #handlers: EventHandlers<T>;
  readonly #waiters = new VersionWaiters();
  readonly #stopping = new AbortController();
  readonly #progress = new CacheProgress(this.#stopping.signal);
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  #running: Promise<void> | undefined;
  #served = true;
  readonly #servedHandlers = new Set<() => void>();
  readonly #unservedHandlers = new Set<() => void>();
  readonly #timings: InformerTimings;
  #listWatch: ListWatch<T> | undefined;
  #epoch = 0;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#logger = withFields(options.logger ?? silentLogger, { resource: options.type.plural });
    this.#handlers = new EventHandlers(this.#logger);
    const transform = safeTransform(options.transform, this.#logger);
    const { complete } = options.type;
    this.#transform = complete && !options.metadataOnly ? (object) => complete(transform(object)) : transform;
    this.type = options.type;
    this.namespace = options.namespace;
    this.optional = options.optional ?? false;
    this.history = options.history ?? new ServerHistory();
    this.#timings = { ...DEFAULT_INFORMER_TIMINGS, ...options.timings };
    // It may have no listener when stop() rejects it.
    this.#synced.promise.catch(() => undefined);
  }

  /** Starts the informer and returns at once, see synced(). A second call does nothing; a stopped informer cannot be restarted. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the watch and resolves when it has ended; the cache stays readable. Waiters for a version get false. */
  async stop(): Promise<void> {
    const reason = new Error(`the informer of ${this.type.plural} was stopped`);
    this.#stopping.abort(reason);
    this.#synced.reject(reason);
    this.#waiters.end();
    this.#progress.notify();
    await this.#running;
  }

  /** Whether the collection has been listed once (or found not to be served) and subscribers have been notified. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when hasSynced is true; rejects when the signal aborts or the informer is stopped before. */
  synced(signal?: AbortSignal): Promise<void> {
    return signal === undefined ? this.#synced.promise : abortable(this.#synced.promise, signal);
  }

  /** Returns one object as last seen. The namespace of a cluster-scoped object is `undefined` or `''`. */
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#store.objects.get(storeKey(namespace, name));
  }

  /** Returns all objects, in a new array. */
  list(): T[] {
    return [...this.#store.objects.values()];
  }

  get size(): number {
    return this.#store.objects.size;
  }

  /** Returns the objects generated for the owner with this uid, see ownerOf(). */
  ownedBy(uid: string): T[] {
    return this.#store.ownedBy(uid);
  }

  /** Adds an index, which is up to date whenever a subscriber is notified. @param indexBy see CacheIndex */
  index(indexBy: (object: T) => string | undefined): CacheIndex<T> {
    const index = new CacheIndex(indexBy);
    this.#store.addIndex(index);
    return index;
  }

  /**
   * Subscribes to all changes. Objects already in the cache are delivered before this returns, as ADDED with `initial: true`.
   * A handler that throws is logged and keeps its subscription.
   *
   * @returns a function that ends the subscription
   */
  subscribe(handler: InformerHandler<T>): () => void {
    return this.#handlers.add(
      handler,
      this.list().map((object) => ({ type: 'ADDED', object, initial: true })),
    );
  }

  /** False while the server does not serve an optional kind; nothing of it can be written then. */
  get served(): boolean {
    return this.#served;
  }

  /** Calls `handler` each time an optional kind becomes served, once the cache is filled. It must not throw. */
  onServed(handler: () => void): void {
    this.#servedHandlers.add(handler);
  }

  /** Calls `handler` each time an optional kind is no longer served. It must not throw. */
  onUnserved(handler: () => void): void {
    this.#unservedHandlers.add(handler);
  }

  /** The history the cache belongs to, see ServerHistory; 0 before the first list. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether the cache has been listed in the current history of the server. */
  get current(): boolean {
    return this.#epoch === this.history.epoch;
  }

  /** The current problem of the watch; undefined while it works. */
  get trouble(): Trouble | undefined {
    const trouble = this.#listWatch?.trouble;
    if (trouble === undefined) return undefined;
    return { since: new Date(Date.now() - (performance.now() - trouble.sinceMs)), reason: trouble.reason };
  }

  /** Calls `handler` after each step of the cache: a change, a bookmark, a list, a changed history, the end. It must not throw. */
  onProgress(handler: () => void): () => void {
    return this.#progress.subscribe(handler);
  }

  /**
   * Resolves when a condition on this cache holds. It is evaluated after each step of the cache.
   *
   * @returns false when `deadlineMs` milliseconds have passed, the signal aborts or the informer is stopped before
   */
  until(condition: () => boolean, deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    return this.#progress.until(condition, deadlineMs, signal);
  }

  /**
   * Asks the server once, by a small consistent read, and waits until the cache shows what the server has: a filled cache may lag
   * behind, for example because the connection of its watch died unnoticed. Such a watch is reopened after a second.
   *
   * Costs one request where the collection is small or the cache has reached the server's version, otherwise two; see takeProof().
   *
   * @param deadlineMs milliseconds
   * @returns whether the cache is proved to be as new as the server was when this was called; false at the deadline, or when the
   *   signal aborts or the informer is stopped before
   */
  proveCurrent(deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    return proveCurrent({
      client: this.#options.client,
      collection: this.#options,
      cache: this,
      abandon: (reason) => this.#listWatch?.abandon(reason),
      requestTimeoutMs: this.#timings.listTimeoutMs,
      deadlineMs,
      signals: [this.#stopping.signal, ...(signal ? [signal] : [])],
      logger: this.#logger,
    });
  }

  /** Everything up to this version has been seen. `undefined` before the first list, and while it is not served. */
  get lastResourceVersion(): string | undefined {
    return this.#waiters.seen;
  }

  /**
   * Waits until the cache has seen everything up to a resourceVersion, such as that of one's own write to this collection.
   *
   * @returns false when `deadlineMs` milliseconds have passed or the informer is stopped before
   */
  waitFor(resourceVersion: string, deadlineMs: number): Promise<boolean> {
    return this.#waiters.waitFor(resourceVersion, deadlineMs);
  }

  /** Whether the cache has seen everything up to a resourceVersion of its own history. */
  hasSeen(resourceVersion: string): boolean {
    return this.#waiters.hasSeen(resourceVersion);
  }

  async #run(): Promise<void> {
    const signal = this.#stopping.signal;
    // Subscribed before the list-watch, so that from here on nothing waits for a version of the old history.
    const unsubscribe = this.history.subscribe(() => {
      this.#waiters.outdate();
      this.#progress.notify();
    });
    try {
      await this.#follow(signal);
    } finally {
      unsubscribe();
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { client, type, namespace, labelSelector, fieldSelector, metadataOnly = false } = this.#options;
    while (!signal.aborted) {
      try {
        this.#listWatch = new ListWatch<T>({
          client,
          type,
          namespace,
          labelSelector,
          fieldSelector,
          metadataOnly,
          optional: this.optional,
          transform: this.#transform,
          known: () => this.#store.objects,
          history: this.history,
          timings: this.#timings,
          logger: this.#options.logger ?? silentLogger,
          signal,
          onReconnect: (reconnection) => this.#reconnected(reconnection),
        });
        for await (const item of this.#listWatch.run()) this.#take(item);
      } catch (error) {
        if (signal.aborted) return;
        // ListWatch recovers from everything by itself, so this is a bug. The cache must survive it.
        this.#logger.error('Internal error in informer, restarting it', errorFields(error));
        await sleep(INTERNAL_ERROR_PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  #take(item: ListWatchItem<T>): void {
    // The item belongs to a history that is over.
    if (item.epoch !== this.history.epoch) return;
    this.#applyItem(item);
    this.#progress.notify();
  }

  #applyItem(item: ListWatchItem<T>): void {
    if (item.type === 'BOOKMARK') {
      this.#waiters.advance(item.resourceVersion);
      return;
    }
    const events =
      item.type === 'CHANGE'
        ? reduceChange(this.#store.objects, item.change)
        : reduceReplace(this.#store.objects, item.type === 'REPLACE' ? item.objects : new Map());
    const wasServed = this.#served;
    const hadSynced = this.#hasSynced;
    this.#served = item.type !== 'UNSERVED';
    this.#store.apply(events);
    if (!this.#hasSynced) for (const event of events) event.initial = true;
    this.#handlers.dispatch(events);
    if (item.type === 'CHANGE') {
      this.#waiters.advance(item.resourceVersion);
      return;
    }
    // A list may be older than what was seen, if the server's history went back.
    if (item.type === 'REPLACE') this.#waiters.restart(item.resourceVersion);
    else this.#waiters.vanish();
    this.#hasSynced = true;
    this.#epoch = item.epoch;
    this.#synced.resolve();
    if (this.#served && !wasServed) for (const handler of this.#servedHandlers) handler();
    if (!this.#served && wasServed && hadSynced) for (const handler of this.#unservedHandlers) handler();
  }

  #reconnected(reconnection: Reconnection): void {
    try {
      this.#options.onReconnect?.(reconnection);
    } catch (error) {
      this.#logger.error('onReconnect callback failed', errorFields(error));
    }
  }
}
