import type { KubernetesObject } from '../kubernetes-object.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { type Logger, silentLogger } from '../transport/logger.ts';
import { sleep } from '../transport/sleep.ts';
import type { InformerEvent, InformerHandler } from './informer-event.ts';
import { DEFAULT_INFORMER_TIMINGS, type InformerTimings } from './informer-timings.ts';
import { type ListWatchItem, listWatch, type Reconnection } from './list-watch.ts';
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
  logger?: Logger;
  /** Overrides of DEFAULT_INFORMER_TIMINGS. */
  timings?: Partial<InformerTimings>;
  /** Called when a watch has been opened again after one had ended. */
  onReconnect?: (reconnection: Reconnection) => void;
}

/** A pause before going on after a fault of this program itself, milliseconds. */
const INTERNAL_FAULT_PAUSE_MS = 1_000;

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

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.type = options.type;
    this.namespace = options.namespace;
    this.optional = options.optional ?? false;
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

  async #run(): Promise<void> {
    const { client, type, namespace, labelSelector, fieldSelector, metadataOnly = false } = this.#options;
    const signal = this.#stopping.signal;
    while (!signal.aborted) {
      try {
        const items = listWatch<T>({
          client,
          type,
          namespace,
          labelSelector,
          fieldSelector,
          metadataOnly,
          optional: this.optional,
          transform: (object) => this.#transform(object),
          timings: { ...DEFAULT_INFORMER_TIMINGS, ...this.#options.timings },
          logger: this.#logger,
          signal,
          onReconnect: (reconnection) => this.#reconnected(reconnection),
        });
        for await (const item of items) this.#take(item);
      } catch (error) {
        if (signal.aborted) return;
        // listWatch() recovers from everything by itself: this is a fault of ours, and still no reason to go blind.
        this.#logger.error(`informer of ${type.plural}: internal fault, starting again: ${textOf(error)}`);
        await sleep(INTERNAL_FAULT_PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  #take(item: ListWatchItem<T>): void {
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
    this.#logger.error(
      `informer of ${this.type.plural}: a handler failed on ${event.type} ${namespace ? `${namespace}/` : ''}${name}: ${textOf(error)}`,
    );
  }

  #reconnected(reconnection: Reconnection): void {
    try {
      this.#options.onReconnect?.(reconnection);
    } catch (error) {
      this.#logger.error(`informer of ${this.type.plural}: onReconnect failed: ${textOf(error)}`);
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
        this.#logger.error(
          `informer of ${this.type.plural}: transform failed, objects are kept as they are: ${textOf(error)}`,
        );
      }
      return stripBulk(object) as T;
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
