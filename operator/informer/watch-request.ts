import type { StreamRequest } from '../transport/api-client-types.ts';
import { METADATA_ONLY } from '../transport/media-types.ts';
import type { ListWatchOptions } from './list-watch-options.ts';

/**
 * Builds the request for a watch of a collection.
 *
 * @param from a version to continue from; undefined: begin with a streaming list
 */
export function watchRequest(
  path: string,
  {
    labelSelector,
    fieldSelector,
    metadataOnly,
    timings,
  }: Pick<ListWatchOptions<never>, 'labelSelector' | 'fieldSelector' | 'metadataOnly' | 'timings'>,
  from: string | undefined,
  signal: AbortSignal,
): StreamRequest {
  const timeoutSeconds = randomInteger(timings.watchTimeoutSeconds);
  const initial = from === undefined;
  return {
    path,
    query: {
      watch: true,
      allowWatchBookmarks: true,
      timeoutSeconds,
      labelSelector,
      fieldSelector,
      resourceVersion: from,
      // Without a resourceVersion: the most recent state, as in a consistent read.
      sendInitialEvents: initial ? true : undefined,
      resourceVersionMatch: initial ? 'NotOlderThan' : undefined,
    },
    accept: metadataOnly ? METADATA_ONLY.object : undefined,
    signal,
    connectTimeoutMs: timings.connectTimeoutMs,
    // The server ends the watch earlier, or it is gone.
    deadlineMs: timeoutSeconds * 1000 + timings.watchGraceMs,
  };
}

function randomInteger([min, max]: readonly [number, number]): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}
