import type { KubernetesObject } from '../kubernetes-object.ts';
import { type ResourceType, resourcePath } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import type { ByteStream } from '../transport/api-client-types.ts';
import { ApiError, isGone } from '../transport/api-error.ts';
import { sleep } from '../transport/sleep.ts';
import type { InformerTimings } from './informer-timings.ts';
import { CorruptWatchError, type WatchEvent, watchEvents } from './watch-events.ts';

const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** What a list-watch brings. */
export type ListWatchItem =
  /** The whole collection as of a version: what is not in it is gone. */
  | { type: 'REPLACE'; objects: KubernetesObject[]; resourceVersion: string }
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject }
  /** Everything up to this version has been brought. */
  | { type: 'BOOKMARK'; resourceVersion: string };

export interface ListWatchOptions {
  client: ApiClient;
  type: ResourceType;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  metadataOnly?: boolean;
  timings: InformerTimings;
  signal: AbortSignal;
  /** A stream ended or could not be opened: why, and whether that is a failure or the usual end. */
  onEnd: (reason: string, error: unknown) => void;
  /** A stream has been opened. */
  onOpen: (relisting: boolean) => void;
}

/** Why the next stream must begin with a list. */
class MustRelist extends Error {}

/**
 * Lists a collection and watches it from there, for ever: whatever ends a stream, the next one is opened. Ends only
 * when the signal aborts, by throwing its reason.
 *
 * A stream begins with the list itself (WatchList, KEP-3157) where the server knows how to; otherwise the list is read
 * in pages. It goes on from the last version seen, and begins anew with a list when that version is too old (410), when
 * bytes were lost, or when a stream brought nothing at all: the server's data may be older than ours (etcd restored),
 * and such a watch stays silent for ever.
 */
export async function* listWatch(options: ListWatchOptions): AsyncGenerator<ListWatchItem, never, undefined> {
  const { timings, signal, onEnd } = options;
  const [minDelayMs, maxDelayMs] = timings.backoffMs;
  const state: State = { resourceVersion: undefined, streamingList: true };
  let failures = 0;
  for (;;) {
    const openedAt = performance.now();
    try {
      if (state.resourceVersion === undefined && !state.streamingList) yield* pagedList(options, state);
      yield* watch(options, state);
      onEnd('the server ended the watch, as it does from time to time', undefined);
      failures = 0;
    } catch (error) {
      signal.throwIfAborted();
      onEnd(error instanceof Error ? error.message : String(error), error);
      if (losesPlace(error)) state.resourceVersion = undefined;
      failures = performance.now() - openedAt >= timings.healthyAfterMs ? 1 : failures + 1;
      // Nothing is wrong with the server when it has forgotten a version: the list may follow at once, the first time.
      if (failures === 1 && (isGone(error) || error instanceof MustRelist)) continue;
      const ceiling = Math.min(maxDelayMs, minDelayMs * 2 ** (failures - 1));
      await sleep(ceiling / 2 + (Math.random() * ceiling) / 2, signal);
    }
  }
}

interface State {
  /** From where a watch may go on; undefined: a list must come first. */
  resourceVersion: string | undefined;
  /** Whether the server is thought to know streaming lists. */
  streamingList: boolean;
}

async function* pagedList(options: ListWatchOptions, state: State): AsyncGenerator<ListWatchItem, void, undefined> {
  const { client, type, namespace, labelSelector, fieldSelector, metadataOnly, timings, signal } = options;
  const objects: KubernetesObject[] = [];
  let resourceVersion = '';
  const pages = client.listPages(type, {
    namespace,
    labelSelector,
    fieldSelector,
    metadataOnly,
    timeoutMs: timings.listTimeoutMs,
    signal,
  });
  for await (const page of pages) {
    for (const object of page.items) objects.push(object);
    resourceVersion = page.resourceVersion;
  }
  state.resourceVersion = resourceVersion;
  yield { type: 'REPLACE', objects, resourceVersion };
}

/** One stream, from opening to its usual end. */
async function* watch(options: ListWatchOptions, state: State): AsyncGenerator<ListWatchItem, void, undefined> {
  const path = resourcePath(options.type, options.namespace);
  const relisting = state.resourceVersion === undefined;
  let stream: ByteStream;
  try {
    stream = await open(options, path, state.resourceVersion);
  } catch (error) {
    if (relisting && refusesStreamingList(error)) {
      state.streamingList = false;
      throw new MustRelist('the server knows no streaming lists, the collection is listed in pages');
    }
    throw error;
  }
  options.onOpen(relisting);
  let initial: Map<string, KubernetesObject> | undefined = relisting ? new Map() : undefined;
  let silent = true;
  try {
    for await (const event of watchEvents(path, stream)) {
      silent = false;
      if (initial) {
        const end = collect(initial, event);
        if (end === undefined) continue;
        state.resourceVersion = end;
        yield { type: 'REPLACE', objects: [...initial.values()], resourceVersion: end };
        initial = undefined;
      } else {
        state.resourceVersion =
          event.type === 'BOOKMARK' ? event.resourceVersion : (event.object.metadata?.resourceVersion ?? '');
        yield event.type === 'BOOKMARK' ? { type: 'BOOKMARK', resourceVersion: event.resourceVersion } : event;
      }
    }
  } catch (error) {
    if (silent && !(error instanceof ApiError)) state.resourceVersion = undefined;
    throw error;
  } finally {
    stream.close();
  }
  if (initial) {
    // A server that does not know the parameter ignores it: it sends the objects, but never says that these were all.
    state.streamingList = false;
    throw new MustRelist('the watch ended before the list in it was complete');
  }
  if (silent) throw new MustRelist('the watch ended without an event or a bookmark');
}

function open(options: ListWatchOptions, path: string, resourceVersion: string | undefined): Promise<ByteStream> {
  const { client, labelSelector, fieldSelector, metadataOnly, timings, signal } = options;
  const [min, max] = timings.watchTimeoutSeconds;
  const timeoutSeconds = min + Math.floor(Math.random() * (max - min + 1));
  const from =
    resourceVersion === undefined
      ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
      : { resourceVersion };
  return client.stream({
    path,
    query: { watch: true, allowWatchBookmarks: true, timeoutSeconds, labelSelector, fieldSelector, ...from },
    accept: metadataOnly ? METADATA_ONLY : undefined,
    signal,
    connectTimeoutMs: timings.connectTimeoutMs,
    deadlineMs: timeoutSeconds * 1000 + timings.watchGraceMs,
  });
}

/** Takes an event of the list at the beginning of a stream. @returns the list's version when it is complete */
function collect(objects: Map<string, KubernetesObject>, event: WatchEvent): string | undefined {
  if (event.type === 'BOOKMARK') return event.initialEventsEnd ? event.resourceVersion : undefined;
  const uid = event.object.metadata?.uid ?? '';
  if (event.type === 'DELETED') objects.delete(uid);
  else objects.set(uid, event.object);
  return undefined;
}

/** Whether a watch cannot go on from the last version seen. A server that is merely busy has forgotten nothing. */
function losesPlace(error: unknown): boolean {
  if (error instanceof ApiError) return ![429, 502, 503, 504].includes(error.status);
  return error instanceof MustRelist || error instanceof CorruptWatchError;
}

/** Servers whose streaming lists are off say that the parameter is forbidden. */
function refusesStreamingList(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 400 || error.status === 422);
}
