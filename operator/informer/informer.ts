import { sleep } from '../async/sleep.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { errorFields, type Logger, silentLogger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { isNotFound } from '../transport/api-error.ts';
import { takeProof } from './freshness-proof.ts';
import type { InformerEvent, InformerHandler } from './informer-event.ts';
import { DEFAULT_INFORMER_TIMINGS, type InformerTimings } from './informer-timings.ts';
import { ListWatch, type ListWatchItem, type Reconnection } from './list-watch.ts';
import { ServerHistory } from './server-history.ts';
import { reduceChange, reduceReplace, Store, storeKey } from './store.ts';
import { stripBulk } from './strip-bulk.ts';
import { VersionWaiters } from './version-waiters.ts';

export type { Reconnection };

export interface InformerOptions<T extends KubernetesObject> {
  client: ApiClient;
  type: ResourceType;
  /** Left out: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Fetch and keep metadata alone. */
  metadataOnly?: boolean;
  /**
   * The server may not serve the kind, as its CRD is not installed: then the cache counts as filled, with nothing in it,
   * see `served`. Default false: waits until the kind is served.
   */
  optional?: boolean;
  /**
   * What to keep of each object; may change the object it is given. Must leave metadata's name, namespace, uid,
   * resourceVersion and ownerReferences as they are. Default: without managedFields and kubectl's last-applied annotation.
   */
  transform?: (object: KubernetesObject) => T;
  /** The history of the server, shared by all that follow it. Default: one of its own. */
  history?: ServerHistory;
  logger?: Logger;
  /** Overrides of DEFAULT_INFORMER_TIMINGS. */
  timings?: Partial<InformerTimings>;
  /** Called when a watch has been opened again after one had ended. */
  onReconnect?: (reconnection: Reconnection) => void;
}

/** A pause before going on after a fault of this program itself, milliseconds. */
const INTERNAL_FAULT_PAUSE_MS = 1_000;
/** How long a watch may lag behind what the server has shown before it is opened again, milliseconds. */
const LAG_MS = 1_000;
/** The longest a timer can be set for, milliseconds. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** The pause after a server that could not be asked for a proof, milliseconds. */
const PROOF_RETRY_MS = 200;

/** What keeps an informer from following its collection. */
export interface Trouble {
  since: Date;
  /** The last error, and what to do about it where one can do something. */
  reason: string;
}

/**
 * A cache of one collection that follows the cluster: lists it, watches it, and tells subscribers what changed.
 *
 * It never gives up: whatever the network or the server do, it comes back and ends up with what is really there.
 * Objects are shared with everybody who asks: do not change them.
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
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #waiters = new VersionWaiters();
  readonly #stopping = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  #running: Promise<void> | undefined;
  #transformFailed = false;
  #served = true;
  readonly #servedHandlers = new Set<() => void>();
  readonly #unservedHandlers = new Set<() => void>();
  readonly #progressHandlers = new Set<() => void>();
  readonly #timings: InformerTimings;
  #listWatch: ListWatch<T> | undefined;
  #epoch = 0;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.type = options.type;
    this.namespace = options.namespace;
    this.optional = options.optional ?? false;
    this.history = options.history ?? new ServerHistory();
    this.#timings = { ...DEFAULT_INFORMER_TIMINGS, ...options.timings };
    // Nobody may be waiting for it when stop() rejects it.
    this.#synced.promise.catch(() => undefined);
  }

  /** Begin. Returns at once; see synced(). Does nothing when started before; an informer that was stopped stays so. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** End the watch and resolve once nothing runs any more; the cache stays readable. Waiters for a version get false. */
  async stop(): Promise<void> {
    const reason = new Error(`the informer of ${this.type.plural} was stopped`);
    this.#stopping.abort(reason);
    this.#synced.reject(reason);
    this.#waiters.end();
    this.#progressed();
    await this.#running;
  }

  /** Whether the collection has been listed once (or found not to be served) and subscribers have been told of it. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when hasSynced is true; rejects when the signal aborts or the informer is stopped before. */
  synced(signal?: AbortSignal): Promise<void> {
    if (signal === undefined) return this.#synced.promise;
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#synced.promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  /** One object as last seen. The namespace of a cluster-scoped object is `undefined` or `''`. */
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#store.objects.get(storeKey(namespace, name));
  }

  /** All objects, as an array of its own. */
  list(): T[] {
    return [...this.#store.objects.values()];
  }

  get size(): number {
    return this.#store.objects.size;
  }

  /** The objects generated for the owner with this uid, see ownerOf(). */
  ownedBy(uid: string): T[] {
    return this.#store.ownedBy(uid);
  }

  /**
   * Be told of every change from now on; what is in the cache already is told at once, before this returns, as ADDED with
   * `initial: true`. A handler that throws is logged and keeps its subscription.
   *
   * @returns a function that ends the subscription.
   */
  subscribe(handler: InformerHandler<T>): () => void {
    // A wrapper of its own, so that the same function may subscribe twice.
    const own: InformerHandler<T> = (event) => handler(event);
    this.#handlers.add(own);
    for (const object of this.list()) this.#tell(own, { type: 'ADDED', object, initial: true });
    return () => {
      this.#handlers.delete(own);
    };
  }

  /** False while the server does not serve an optional kind; nothing of it can be written then. */
  get served(): boolean {
    return this.#served;
  }

  /** Call `handler` each time an optional kind comes to be served, when the cache has been filled. It must not throw. */
  onServed(handler: () => void): void {
    this.#servedHandlers.add(handler);
  }

  /** Call `handler` each time an optional kind that was served is found not to be any more. It must not throw. */
  onUnserved(handler: () => void): void {
    this.#unservedHandlers.add(handler);
  }

  /** The history that the cache is of, see ServerHistory; 0 before the first list. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether the cache has been listed in the history that the server has now. */
  get current(): boolean {
    return this.#epoch === this.history.epoch;
  }

  /** What is wrong with the watch, and since when; undefined while it works. */
  get trouble(): Trouble | undefined {
    const trouble = this.#listWatch?.trouble;
    if (trouble === undefined) return undefined;
    return { since: new Date(Date.now() - (performance.now() - trouble.sinceMs)), reason: trouble.reason };
  }

  /** Calls `handler` after each step of the cache: a change, a bookmark, a list, another history, its end. It must not throw. */
  onProgress(handler: () => void): () => void {
    // A wrapper of its own, so that the same function may subscribe twice.
    const own = () => handler();
    this.#progressHandlers.add(own);
    return () => this.#progressHandlers.delete(own);
  }

  /**
   * Resolves when a condition on this cache holds, which is looked at after each of its steps.
   *
   * @returns false when `deadlineMs` milliseconds have passed, the signal aborts or the informer is stopped before
   */
  until(condition: () => boolean, deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    if (deadlineMs <= 0 || signal?.aborted || this.#stopping.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        unsubscribe();
        signal?.removeEventListener('abort', onAbort);
        resolve(result);
      };
      const onAbort = () => finish(false);
      const timer = setTimeout(onAbort, Math.min(deadlineMs, MAX_TIMEOUT_MS));
      const unsubscribe = this.onProgress(() => {
        if (condition()) finish(true);
        else if (this.#stopping.signal.aborted) finish(false);
      });
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /**
   * Asks the server once, by a small consistent read, and waits until the cache shows what the server has: a cache that is filled
   * may yet lag behind, by a watch whose connection has died unnoticed. Such a watch is opened again after a second.
   *
   * Costs one request where the collection is small or its cache has come to the server's version, else two, and then a second;
   * see takeProof().
   *
   * @param deadlineMs milliseconds
   * @returns whether the cache is proved to be as new as the server was when this was called; false at the deadline, or when the
   *   signal aborts or the informer is stopped before
   */
  async proveCurrent(deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    const end = performance.now() + deadlineMs;
    const leftMs = () => end - performance.now();
    const over = AbortSignal.any([
      AbortSignal.timeout(Math.min(Math.max(0, Math.ceil(deadlineMs)), MAX_TIMEOUT_MS)),
      this.#stopping.signal,
      ...(signal ? [signal] : []),
    ]);
    while (!over.aborted) {
      if (!(await this.until(() => this.current, leftMs(), over))) return false;
      const epoch = this.#epoch;
      try {
        const timeoutMs = Math.max(1, Math.min(this.#timings.listTimeoutMs, leftMs()));
        const proof = await takeProof(this.#options.client, this.#options, this, { timeoutMs, signal: over });
        const shown = () => this.#epoch === epoch && proof.shown();
        if (await this.until(shown, Math.min(LAG_MS, leftMs()), over)) return true;
        if (over.aborted) return false;
        this.#listWatch?.abandon(`the cache does not show ${proof.what}, which the server had ${LAG_MS} ms ago`);
        if (await this.until(() => shown() || !this.current, leftMs(), over)) if (shown()) return true;
      } catch (error) {
        if (over.aborted) return false;
        if (this.optional && !this.#served && isNotFound(error)) return true;
        this.#logger.debug('Could not read the current resourceVersion', { ...this.#logFields, ...errorFields(error) });
        await sleep(PROOF_RETRY_MS, over).catch(() => undefined);
      }
    }
    return false;
  }

  /** Everything up to this version has been seen. `undefined` before the first list, and while it is not served. */
  get lastResourceVersion(): string | undefined {
    return this.#waiters.seen;
  }

  /**
   * Wait until the cache has seen everything up to a resourceVersion, such as that of one's own write to this collection.
   *
   * @returns true as soon as it has, false when `deadlineMs` milliseconds have passed or the informer was stopped.
   */
  waitFor(resourceVersion: string, deadlineMs: number): Promise<boolean> {
    return this.#waiters.waitFor(resourceVersion, deadlineMs);
  }

  /** Whether the cache has seen everything up to a resourceVersion of the history it is of. */
  hasSeen(resourceVersion: string): boolean {
    return this.#waiters.hasSeen(resourceVersion);
  }

  get #logFields(): { resource: string } {
    return { resource: this.type.plural };
  }

  async #run(): Promise<void> {
    const signal = this.#stopping.signal;
    // Before the list-watch does: from here on no version of the old history is waited for, whatever it tells next.
    const unsubscribe = this.history.subscribe(() => {
      this.#waiters.outdate();
      this.#progressed();
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
          transform: (object) => this.#transform(object),
          known: () => this.#store.objects,
          history: this.history,
          timings: this.#timings,
          logger: this.#logger,
          signal,
          onReconnect: (reconnection) => this.#reconnected(reconnection),
        });
        for await (const item of this.#listWatch.run()) this.#take(item);
      } catch (error) {
        if (signal.aborted) return;
        // ListWatch recovers from everything by itself: this is a fault of ours, and still no reason to go blind.
        this.#logger.error('Internal error in informer, restarting it', { ...this.#logFields, ...errorFields(error) });
        await sleep(INTERNAL_FAULT_PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  #take(item: ListWatchItem<T>): void {
    // Somebody has found out that it is of a history that is over.
    if (item.epoch !== this.history.epoch) return;
    this.#takeIn(item);
    this.#progressed();
  }

  #progressed(): void {
    for (const handler of [...this.#progressHandlers]) handler();
  }

  #takeIn(item: ListWatchItem<T>): void {
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
    // Who subscribes meanwhile has been told the whole cache already, all of these events included.
    const handlers = [...this.#handlers];
    for (const event of events) {
      if (!this.#hasSynced) event.initial = true;
      for (const handler of handlers) if (this.#handlers.has(handler)) this.#tell(handler, event);
    }
    if (item.type === 'CHANGE') {
      this.#waiters.advance(item.resourceVersion);
      return;
    }
    // A list may be older than what was seen: the server's history has gone back.
    if (item.type === 'REPLACE') this.#waiters.restart(item.resourceVersion);
    else this.#waiters.vanish();
    this.#hasSynced = true;
    this.#epoch = item.epoch;
    this.#synced.resolve();
    if (this.#served && !wasServed) for (const handler of this.#servedHandlers) handler();
    if (!this.#served && wasServed && hadSynced) for (const handler of this.#unservedHandlers) handler();
  }

  #tell(handler: InformerHandler<T>, event: InformerEvent<T>): void {
    try {
      // A handler declared as async fails by its promise.
      const returned: unknown = handler(event);
      if (returned instanceof Promise) returned.catch((error) => this.#handlerFailed(event, error));
    } catch (error) {
      this.#handlerFailed(event, error);
    }
  }

  #handlerFailed(event: InformerEvent<T>, error: unknown): void {
    const { namespace, name } = event.object.metadata ?? {};
    this.#logger.error('Event handler failed', {
      ...this.#logFields,
      event: event.type,
      namespace,
      name,
      ...errorFields(error),
    });
  }

  #reconnected(reconnection: Reconnection): void {
    try {
      this.#options.onReconnect?.(reconnection);
    } catch (error) {
      this.#logger.error('onReconnect callback failed', { ...this.#logFields, ...errorFields(error) });
    }
  }

  #transform(object: KubernetesObject): T {
    const transform = this.#options.transform;
    if (transform === undefined) return stripBulk(object) as T;
    try {
      return transform(object);
    } catch (error) {
      if (!this.#transformFailed) {
        this.#transformFailed = true;
        this.#logger.error('Transform failed, keeping objects untransformed', {
          ...this.#logFields,
          ...errorFields(error),
        });
      }
      return stripBulk(object) as T;
    }
  }
}
