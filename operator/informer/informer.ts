import type { KubernetesObject } from '../kubernetes-object.ts';
import { type ResourceType, resourcePath } from '../resource/resource-type.ts';
import { compareResourceVersions } from '../resource/resource-version.ts';
import type { ApiClient } from '../transport/api-client.ts';
import { ApiError } from '../transport/api-error.ts';
import { type Logger, silentLogger } from '../transport/logger.ts';
import type { InformerEvent, InformerHandler } from './informer-event.ts';
import { DEFAULT_INFORMER_TIMINGS, type InformerTimings } from './informer-timings.ts';
import { type ListWatchItem, listWatch } from './list-watch.ts';
import { Store } from './store.ts';

/** A watch that has been opened again. */
export interface Reconnection {
  /** Why the one before ended, for a log line. */
  reason: string;
  /** Whether the whole collection was listed again. */
  relisted: boolean;
  /** Time without an open watch, milliseconds. */
  gapMs: number;
}

export interface InformerOptions<T extends KubernetesObject> {
  client: ApiClient;
  type: ResourceType;
  /** Left out: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Ask for metadata alone: for kinds of which only names, labels and owners matter. */
  metadataOnly?: boolean;
  /** What to keep of an object. Default: all but managedFields and kubectl's last-applied annotation, which nobody reads. */
  transform?: (object: KubernetesObject) => T;
  logger?: Logger;
  timings?: Partial<InformerTimings>;
  onReconnect?: (reconnection: Reconnection) => void;
}

interface Waiter {
  resourceVersion: string;
  done: (seen: boolean) => void;
}

/**
 * A copy of a collection, kept current by one stream, and the events of what changes in it. Whatever happens to the
 * stream, it is opened again; the copy is then brought up to date by the differences alone.
 */
export class Informer<T extends KubernetesObject> {
  readonly #options: InformerOptions<T>;
  readonly #transform: (object: KubernetesObject) => T;
  readonly #logger: Logger;
  readonly #store = new Store<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #waiters = new Set<Waiter>();
  readonly #stopping = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  #lastResourceVersion: string | undefined;
  #running: Promise<void> | undefined;
  /** Since when there is no stream, why, and what was logged of it. */
  #broken: { at: number; reason: string; logged: boolean } | undefined;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#transform = options.transform ?? (withoutBallast as (object: KubernetesObject) => T);
    this.#logger = options.logger ?? silentLogger;
    // Nobody may be waiting when it is stopped before it has synced.
    this.#synced.promise.catch(() => {});
  }

  /** Begins to list and watch; it goes on until stop(). */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the stream. The cache stays as it is. */
  async stop(): Promise<void> {
    const reason = new Error(`the informer of ${this.#options.type.plural} has been stopped`);
    this.#stopping.abort(reason);
    this.#synced.reject(reason);
    for (const { done } of [...this.#waiters]) done(false);
    await this.#running;
  }

  /** Whether the cache has been filled once. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when the cache has been filled. @throws the signal's reason; an Error if it is stopped before */
  synced(signal?: AbortSignal): Promise<void> {
    if (!signal) return this.#synced.promise;
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      this.#synced.promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  /** The cached object. Shared: do not change it. */
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#store.get(namespace, name);
  }

  /** All cached objects. Shared: do not change them. */
  list(): T[] {
    return this.#store.list();
  }

  get size(): number {
    return this.#store.size;
  }

  /** Cached objects whose controller has this uid. */
  ownedBy(uid: string): T[] {
    return this.#store.ownedBy(uid);
  }

  /**
   * Calls the handler for every change from now on; subscribe before start() to hear of everything. A handler that
   * throws is logged and called again for the next event.
   * @returns ends the subscription
   */
  subscribe(handler: InformerHandler<T>): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** The newest version of the collection known to have been seen. */
  get lastResourceVersion(): string | undefined {
    return this.#lastResourceVersion;
  }

  /**
   * Waits until everything up to a version has been seen.
   * @param deadlineMs milliseconds
   * @returns false when the deadline came first, or the informer was stopped
   */
  waitFor(resourceVersion: string, deadlineMs: number): Promise<boolean> {
    if (this.#hasSeen(resourceVersion)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        resourceVersion,
        done: (seen) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(seen);
        },
      };
      const timer = setTimeout(() => waiter.done(false), deadlineMs);
      this.#waiters.add(waiter);
    });
  }

  async #run(): Promise<void> {
    const { client, type, namespace, labelSelector, fieldSelector, metadataOnly, timings } = this.#options;
    const items = listWatch({
      client,
      type,
      namespace,
      labelSelector,
      fieldSelector,
      metadataOnly,
      timings: { ...DEFAULT_INFORMER_TIMINGS, ...timings },
      signal: this.#stopping.signal,
      onEnd: (reason, error) => this.#ended(reason, error),
      onOpen: (relisted) => this.#opened(relisted),
    });
    try {
      for await (const item of items) this.#take(item);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#logger.error('an informer ended, which must not happen', { error });
    }
  }

  #take(item: ListWatchItem): void {
    switch (item.type) {
      case 'REPLACE': {
        const objects = item.objects.map((object) => this.#transform(this.#typed(object)));
        const events = this.#store.replace(objects, !this.#hasSynced);
        // A list may show an older state than we have seen, if the server's data was restored from a backup.
        this.#lastResourceVersion = item.resourceVersion;
        this.#publish(events);
        this.#hasSynced = true;
        this.#synced.resolve();
        break;
      }
      case 'BOOKMARK':
        this.#advance(item.resourceVersion);
        break;
      default: {
        const object = this.#transform(this.#typed(item.object));
        const events = this.#store.take(item.type, object);
        this.#advance(object.metadata?.resourceVersion ?? '');
        this.#publish(events);
      }
    }
    this.#tellWaiters();
  }

  /** Items of a list come without apiVersion and kind. */
  #typed(object: KubernetesObject): KubernetesObject {
    const { group, version, kind } = this.#options.type;
    object.apiVersion ??= group === '' ? version : `${group}/${version}`;
    object.kind ??= kind;
    return object;
  }

  #advance(resourceVersion: string): void {
    if (!this.#hasSeen(resourceVersion)) this.#lastResourceVersion = resourceVersion;
  }

  #hasSeen(resourceVersion: string): boolean {
    const last = this.#lastResourceVersion;
    return last !== undefined && compareResourceVersions(resourceVersion, last) <= 0;
  }

  #tellWaiters(): void {
    for (const waiter of [...this.#waiters]) {
      if (this.#hasSeen(waiter.resourceVersion)) waiter.done(true);
    }
  }

  #publish(events: InformerEvent<T>[]): void {
    for (const event of events) {
      for (const handler of [...this.#handlers]) {
        try {
          handler(event);
        } catch (error) {
          this.#logger.error('a handler of informer events threw', { resource: this.#options.type.plural, error });
        }
      }
    }
  }

  #ended(reason: string, error: unknown): void {
    const before = this.#broken;
    // The time of the first end counts, and its reason unless there is news.
    this.#broken = { at: before?.at ?? performance.now(), reason, logged: before?.logged ?? false };
    if (error === undefined) return;
    const { type } = this.#options;
    const fields = { resource: type.plural, reason };
    if (this.#broken.logged && before?.reason === reason) this.#logger.debug('the watch is still broken', fields);
    else this.#logger.warn(`the watch of ${type.plural} broke and will be opened again${this.#advice(error)}`, fields);
    this.#broken.logged = true;
  }

  #advice(error: unknown): string {
    if (!(error instanceof ApiError)) return '';
    const { type, namespace } = this.#options;
    const where = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`;
    if (error.status === 401) return ': the credentials are not valid; renew them';
    if (error.status === 403) return `: grant the operator's account list and watch on ${type.plural} ${where}`;
    if (error.status !== 404) return '';
    return `: the server has no ${resourcePath(type, namespace)}; install the CustomResourceDefinition of ${type.kind || type.plural}`;
  }

  #opened(relisted: boolean): void {
    const broken = this.#broken;
    this.#broken = undefined;
    if (!broken) return;
    const gapMs = performance.now() - broken.at;
    if (broken.logged)
      this.#logger.info(`the watch of ${this.#options.type.plural} is open again`, { gapMs: Math.round(gapMs) });
    this.#options.onReconnect?.({ reason: broken.reason, relisted, gapMs });
  }
}

function withoutBallast(object: KubernetesObject): KubernetesObject {
  if (object.metadata) {
    delete object.metadata.managedFields;
    delete object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  }
  return object;
}
