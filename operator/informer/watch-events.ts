import type { KubernetesObject } from '../kubernetes-object.ts';
import { ApiError } from '../transport/api-error.ts';
import { jsonLines } from './json-lines.ts';

/** An event of a watch. */
export interface WatchEvent {
  /** ADDED, MODIFIED, DELETED or BOOKMARK; a newer server may send others. */
  type: unknown;
  object: KubernetesObject;
}

/** The annotation of the bookmark that ends the initial events of a streaming list (KEP-3157). */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/** Whether a bookmark ends the initial events of a streaming list. */
export function endsInitialEvents({ metadata }: KubernetesObject): boolean {
  return metadata?.annotations?.[INITIAL_EVENTS_END] === 'true';
}

/**
 * Parses the stream of a watch.
 *
 * @param path of the watch, for errors
 * @throws ApiError for an ERROR event, CorruptLineError, Error for an event without an object
 */
export async function* watchEvents(
  stream: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<WatchEvent, void, undefined> {
  for await (const line of jsonLines(stream)) {
    const { type, object } = (line ?? {}) as { type?: unknown; object?: KubernetesObject & { code?: number } };
    if (type === 'ERROR') {
      throw new ApiError({ status: object?.code ?? 500, method: 'WATCH', path, body: object });
    }
    if (typeof object !== 'object' || object === null)
      throw new Error('the watch stream contained an event without an object');
    yield { type, object };
  }
}
