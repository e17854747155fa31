import type { KubernetesObject } from '../kubernetes-object.ts';
import { apiVersionOf, type ResourceType, resourcePath } from '../resource/resource-type.ts';
import { type ApiClient, METADATA_ONLY } from '../transport/api-client.ts';
import { ApiError, isNotFound } from '../transport/api-error.ts';
import type { Logger } from '../transport/logger.ts';
import { sleep } from '../transport/sleep.ts';
import type { InformerTimings } from './informer-timings.ts';
import { jsonLines } from './json-lines.ts';
import { ReconnectBackoff } from './reconnect-backoff.ts';
import { compareResourceVersions } from './resource-version.ts';
import { type Change, keyOfStored, type Objects } from './store.ts';
import { type Recovery, recoveryFrom } from './watch-failure.ts';

/** What a list-watch tells, in order. */
export type ListWatchItem<T> =
  /** The whole collection at one moment. Always the first item, and again whenever the watch could not go on. */
  | { type: 'REPLACE'; objects: Objects<T>; resourceVersion: string }
  | { type: 'CHANGE'; change: Change<T>; resourceVersion: string }
  /** Nothing has happened up to this version. */
  | { type: 'BOOKMARK'; resourceVersion: string }
  /** The server does not serve this kind, so there is nothing of it. Told of optional kinds only; REPLACE ends it. */
  | { type: 'UNSERVED' };

/** A watch that has been opened again. */
export interface Reconnection {
  /** Why the one before ended, for a log line. */
  reason: string;
  /** The same in one of few words, for metrics: `ended`, `silent`, or the `kind` of a Recovery. */
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
  timings: InformerTimings;
  logger: Logger;
  /** Ends the generator. */
  signal: AbortSignal;
  onReconnect?: ((reconnection: Reconnection) => void) | undefined;
}

/** The annotation of the bookmark that ends the initial events of a streaming list (KEP-3157). */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** A server may ask for patience (Retry-After), but not for an eternity of blindness, milliseconds. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** A watch event as it stands on the wire. */
interface WireEvent {
  type?: unknown;
  object?: KubernetesObject & { code?: number };
}

/** What one open watch came to. */
interface WatchOutcome {
  /** Whether the server showed that it follows this collection, by a change or a bookmark. */
  heard: boolean;
}

/** The server answered a streaming list with something else; a paged list is needed. */
class StreamingListUnavailable extends Error {
  override readonly name = 'StreamingListUnavailable';
  /** Whether asking again is useless. */
  readonly refused: boolean;

  constructor(message: string, refused: boolean) {
    super(message);
    this.refused = refused;
  }
}

/**
 * List a collection and follow its changes, for ever: every failure is waited out and recovered from, until `signal` aborts.
 *
 * Lists by a streaming list (WatchList) where the server has it, else page by page. What a watch could have missed is made
 * good by listing again; see recoveryFrom() for when.
 */
export async function* listWatch<T extends KubernetesObject>(
  options: ListWatchOptions<T>,
): AsyncGenerator<ListWatchItem<T>, void, undefined> {
  yield* new ListWatch(options).run();
}

class ListWatch<T extends KubernetesObject> {
  readonly #options: ListWatchOptions<T>;
  readonly #what: string;
  readonly #path: string;
  readonly #backoff: ReconnectBackoff;
  /** Where the next watch starts; undefined: list first. */
  #version: string | undefined;
  /** Make sure, before the next watch, that the server's history still contains #version. */
  #check = false;
  /** No failure since the last list: #version is known to be of the history the server has now. */
  #sure = false;
  #streamingList = true;
  #usePagesOnce = false;
  /** When the last watch ended and why; undefined while one is open and before the first. */
  #ended: { at: number; reason: string; cause: string; relisted: boolean } | undefined;
  /** When the present watch was opened; 0 while there is none. */
  #opened = 0;
  #everOpened = false;
  /** The server does not serve this kind, and that was told. */
  #unserved = false;
  /** Kinds of failure complained about since it last worked. */
  readonly #complaints = new Set<string>();
  #unknownTypeSeen = false;

  constructor(options: ListWatchOptions<T>) {
    this.#options = options;
    const { type, namespace } = options;
    this.#what = `${type.plural}${type.group === '' ? '' : `.${type.group}`}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
    this.#path = resourcePath(type, namespace);
    this.#backoff = new ReconnectBackoff(options.timings.backoffMs);
  }

  async *run(): AsyncGenerator<ListWatchItem<T>, void, undefined> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      this.#opened = 0;
      let pauseMs = 0;
      try {
        if (this.#check && this.#version !== undefined) await this.#checkHistory();
        let outcome: WatchOutcome;
        if (this.#version === undefined && this.#streamingList && !this.#usePagesOnce) {
          outcome = yield* this.#watch(undefined);
        } else {
          if (this.#version === undefined) yield await this.#listPages();
          this.#usePagesOnce = false;
          outcome = yield* this.#watch(this.#version);
        }
        pauseMs = this.#afterEnd(outcome);
      } catch (error) {
        if (signal.aborted) return;
        if (this.#options.optional && isNotFound(error)) {
          if (!this.#unserved) yield this.#becomeUnserved();
          pauseMs = this.#options.timings.unservedRetryMs * (0.8 + Math.random() * 0.4);
        } else pauseMs = this.#afterFailure(error);
      }
      if (pauseMs > 0) await sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  /** The server ended the watch properly: mostly its timeout. Returns the pause before the next, milliseconds. */
  #afterEnd(outcome: WatchOutcome): number {
    const lived = performance.now() - this.#opened;
    const { timings } = this.#options;
    if (outcome.heard) {
      this.#markEnded('the server ended the watch', 'ended', false);
      this.#backoff.reset();
      return 0;
    }
    // Silence is normal where nothing at all happened: kube-apiserver sends a bookmark only when there is a newer version to tell.
    // But a watch from a version of the future (etcd restored from a backup) looks just so. While no failure has come between,
    // the list this version stems from is of this history, and a look at the server's version is enough; else list again.
    if (!this.#sure) this.#version = undefined;
    this.#check = true;
    this.#markEnded('the watch ended with neither an event nor a bookmark', 'silent', !this.#sure);
    if (lived >= timings.healthyAfterMs) this.#backoff.reset();
    return this.#backoff.next(true);
  }

  #afterFailure(error: unknown): number {
    const { logger, timings } = this.#options;
    if (error instanceof StreamingListUnavailable) {
      logger.debug(`${this.#what}: ${error.message}; listing page by page instead`);
      if (error.refused) this.#streamingList = false;
      this.#usePagesOnce = true;
      this.#markEnded(error.message, 'no streaming list', true);
      // The paged list comes next and fails by itself, with a pause, if nothing works.
      return 0;
    }
    const recovery = recoveryFrom(error, this.#what);
    if (this.#opened !== 0 && performance.now() - this.#opened >= timings.healthyAfterMs) this.#backoff.reset();
    const askedMs =
      error instanceof ApiError ? Math.min((error.retryAfterSeconds ?? 0) * 1000, LONGEST_RETRY_AFTER_MS) : 0;
    const pauseMs = Math.max(this.#backoff.next(recovery.expected), askedMs);
    if (recovery.action === 'relist') this.#version = undefined;
    this.#check = recovery.action === 'check';
    this.#sure = false;
    this.#markEnded(recovery.message, recovery.kind, this.#version === undefined);
    this.#complain(recovery, pauseMs);
    return pauseMs;
  }

  /** A collection is not found only if its kind is not served: a namespace that is missing is an empty one. */
  #becomeUnserved(): ListWatchItem<T> {
    const { logger, timings } = this.#options;
    this.#unserved = true;
    // After a CRD came back, the old version means nothing.
    this.#version = undefined;
    this.#check = false;
    this.#sure = false;
    this.#markEnded('the server does not serve this kind any more', 'not served', true);
    this.#complaints.clear();
    this.#backoff.reset();
    logger.info(`${this.#what} are not served by this cluster (no CRD), which is fine until they are wanted`, {
      lookingAgainEveryMs: timings.unservedRetryMs,
    });
    return { type: 'UNSERVED' };
  }

  #becomeServed(): void {
    if (!this.#unserved) return;
    this.#unserved = false;
    this.#options.logger.info(`${this.#what} are served by this cluster now`);
  }

  /** Say it once, not at each attempt; #recovered() allows it to be said again. */
  #complain(recovery: Recovery, pauseMs: number): void {
    const { logger } = this.#options;
    const line = `watch of ${this.#what} interrupted: ${recovery.message}`;
    const fields = { retryInMs: Math.round(pauseMs), relist: recovery.action === 'relist' };
    if (recovery.expected || this.#complaints.has(recovery.kind)) {
      logger.debug(line, fields);
      return;
    }
    this.#complaints.add(recovery.kind);
    logger.warn(`${line}. Trying on; this is said once until it works again`, fields);
  }

  #recovered(): void {
    if (this.#complaints.size === 0) return;
    this.#complaints.clear();
    this.#options.logger.info(`watch of ${this.#what} works again`);
  }

  #markEnded(reason: string, cause: string, relisted: boolean): void {
    if (!this.#everOpened) return;
    this.#ended ??= { at: performance.now(), reason, cause, relisted };
    this.#ended.relisted ||= relisted;
  }

  /**
   * After the server was away: has its history gone back? A watch from a version it has not reached yet would be accepted and
   * stay silent until it ends, and miss what happens meanwhile. Costs one request for one object. It also makes the server's
   * watch cache catch up, so that the next watch of a quiet collection gets a bookmark.
   */
  async #checkHistory(): Promise<void> {
    const { client, type, namespace, signal, timings } = this.#options;
    const pages = client.listPages(type, {
      namespace,
      limit: 1,
      metadataOnly: true,
      timeoutMs: timings.listTimeoutMs,
      signal,
    });
    const { value: page } = await pages.next();
    this.#check = false;
    const compared =
      page === undefined || this.#version === undefined
        ? undefined
        : compareResourceVersions(page.resourceVersion, this.#version);
    if (compared !== undefined && compared < 0) this.#historyWentBack();
  }

  #historyWentBack(): void {
    this.#options.logger.warn(
      `${this.#what}: the server's resourceVersion has gone back (was its etcd restored from a backup?); listing again`,
    );
    this.#version = undefined;
    if (this.#ended !== undefined) this.#ended.relisted = true;
  }

  async #listPages(): Promise<ListWatchItem<T>> {
    const { client, type, namespace, labelSelector, fieldSelector, metadataOnly, timings, signal } = this.#options;
    const { items, resourceVersion } = await client.listAll<KubernetesObject, T>(
      type,
      { namespace, labelSelector, fieldSelector, metadataOnly, timeoutMs: timings.listTimeoutMs, signal },
      (object) => this.#keep(object),
    );
    const objects = new Map<string, T>();
    for (const item of items) objects.set(keyOfStored(item), item);
    this.#version = resourceVersion;
    this.#sure = true;
    this.#becomeServed();
    return { type: 'REPLACE', objects, resourceVersion };
  }

  /**
   * One watch, from its opening to its end.
   *
   * @param from a version to go on from; undefined: begin with a streaming list.
   */
  async *#watch(from: string | undefined): AsyncGenerator<ListWatchItem<T>, WatchOutcome, undefined> {
    const { client, labelSelector, fieldSelector, metadataOnly, timings, signal } = this.#options;
    const timeoutSeconds = randomInteger(timings.watchTimeoutSeconds);
    const initial = from === undefined;
    let stream: Awaited<ReturnType<ApiClient['stream']>>;
    try {
      stream = await client.stream({
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
    } catch (error) {
      if (initial && error instanceof ApiError && (error.status === 400 || error.status === 422)) {
        throw new StreamingListUnavailable(`the server refuses streaming lists (${error.message})`, true);
      }
      throw error;
    }

    this.#opened = performance.now();
    // A streaming list is no open watch before its initial events are through.
    if (!initial) this.#onOpen();
    let listing: Map<string, T> | undefined = initial ? new Map() : undefined;
    const outcome: WatchOutcome = { heard: false };
    // A server that does not know streaming lists ignores the parameter: it sends the objects and never says that these were all.
    const listTimer = initial ? setTimeout(() => stream.close(), timings.listTimeoutMs) : undefined;
    try {
      for await (const line of jsonLines(stream)) {
        const { type, object } = (line ?? {}) as WireEvent;
        if (type === 'ERROR') throw watchError(this.#path, object);
        if (typeof object !== 'object' || object === null)
          throw new Error('the watch stream held an event without an object');
        const resourceVersion = object.metadata?.resourceVersion ?? '';

        if (type === 'BOOKMARK') {
          if (listing !== undefined) {
            if (object.metadata?.annotations?.[INITIAL_EVENTS_END] !== 'true') continue;
            const objects = listing;
            listing = undefined;
            clearTimeout(listTimer);
            this.#version = resourceVersion;
            this.#sure = true;
            this.#becomeServed();
            this.#onOpen();
            yield { type: 'REPLACE', objects, resourceVersion };
            continue;
          }
          this.#advance(resourceVersion);
          outcome.heard = true;
          yield { type: 'BOOKMARK', resourceVersion };
          continue;
        }

        if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') {
          this.#ignoreUnknown(type);
          continue;
        }
        const kept = this.#keep(object);
        if (listing !== undefined) {
          // The state as synthetic ADDED events in no order; a change may come in between.
          if (type === 'DELETED') listing.delete(keyOfStored(kept));
          else listing.set(keyOfStored(kept), kept);
          continue;
        }
        this.#advance(resourceVersion);
        outcome.heard = true;
        yield { type: 'CHANGE', change: { type, object: kept }, resourceVersion };
      }
    } catch (error) {
      // It was going to be a list and is none: another try might come to the same, pages will not.
      if (listing !== undefined && !signal.aborted && !(error instanceof ApiError)) this.#usePagesOnce = true;
      throw error;
    } finally {
      clearTimeout(listTimer);
      stream.close();
    }
    if (listing !== undefined) {
      throw new StreamingListUnavailable(
        'the server ended a streaming list before its initial events were through',
        false,
      );
    }
    return outcome;
  }

  /** A watch is open and follows the collection. */
  #onOpen(): void {
    this.#everOpened = true;
    this.#recovered();
    const ended = this.#ended;
    if (ended === undefined) return;
    this.#ended = undefined;
    this.#options.onReconnect?.({
      reason: ended.reason,
      cause: ended.cause,
      relisted: ended.relisted,
      gapMs: performance.now() - ended.at,
    });
  }

  /** The watch has come to `version`. */
  #advance(version: string): void {
    const compared = this.#version === undefined ? undefined : compareResourceVersions(version, this.#version);
    if (compared !== undefined && compared < 0) {
      throw new Error(
        `the watch went back from resourceVersion ${this.#version} to ${version} (was etcd restored from a backup?)`,
      );
    }
    if (version !== '') this.#version = version;
  }

  #ignoreUnknown(type: unknown): void {
    if (this.#unknownTypeSeen) return;
    this.#unknownTypeSeen = true;
    this.#options.logger.warn(`${this.#what}: the watch sent an event of an unknown type, which is ignored`, {
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
