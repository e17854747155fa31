import type { KubernetesObject } from '../kubernetes-object.ts';
import { ApiError } from '../transport/api-error.ts';
import { lines } from './lines.ts';

/** One event of a watch. `initialEventsEnd`: the bookmark after which a streaming list is complete. */
export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject }
  | { type: 'BOOKMARK'; resourceVersion: string; initialEventsEnd: boolean };

/** A line of a watch that is no event: bytes were lost, so events may have been. */
export class CorruptWatchError extends Error {
  override readonly name = 'CorruptWatchError';
}

/**
 * Reads the events of a watch's body. Types of events that are not known are left out.
 *
 * @throws ApiError for an ERROR event; CorruptWatchError for a line that is no event; whatever `bytes` throws
 */
export async function* watchEvents(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchEvent, void, undefined> {
  for await (const line of lines(bytes)) {
    const { type, object } = parse(path, line);
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        requireIdentity(path, object);
        yield { type, object };
        break;
      case 'BOOKMARK': {
        const { resourceVersion = '', annotations } = object.metadata ?? {};
        yield { type, resourceVersion, initialEventsEnd: annotations?.['k8s.io/initial-events-end'] === 'true' };
        break;
      }
      case 'ERROR': {
        const { code = 500 } = object as { code?: number };
        throw new ApiError({ status: code, method: 'GET', path, body: object });
      }
    }
  }
}

function parse(path: string, line: string): { type: string; object: KubernetesObject } {
  try {
    const event = JSON.parse(line);
    if (typeof event?.type === 'string' && typeof event.object === 'object' && event.object !== null) return event;
  } catch {
    // Falls through: the text is not quoted, it may hold a Secret.
  }
  throw new CorruptWatchError(`a watch of ${path} brought a line of ${line.length} characters that is no event`);
}

function requireIdentity(path: string, { metadata }: KubernetesObject): void {
  if (metadata?.name && metadata.uid && metadata.resourceVersion) return;
  throw new CorruptWatchError(`a watch of ${path} brought an object without name, uid or resourceVersion`);
}
