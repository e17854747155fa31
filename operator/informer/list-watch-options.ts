import type { KubernetesObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import type { InformerTimings } from './informer-timings.ts';
import type { Reconnection } from './reconnection.ts';
import type { ServerHistory } from './server-history.ts';
import type { Change, Objects } from './store.ts';

/** What a list-watch yields, in order. `epoch`: the history of the server it is true in, see ServerHistory. */
export type ListWatchItem<T> =
  /** The whole collection at one moment. Always the first item, and again whenever the watch could not continue. */
  | { type: 'REPLACE'; objects: Objects<T>; resourceVersion: string; epoch: number }
  | { type: 'CHANGE'; change: Change<T>; resourceVersion: string; epoch: number }
  /** Nothing has happened up to this version. */
  | { type: 'BOOKMARK'; resourceVersion: string; epoch: number }
  /** The server does not serve this kind, so the collection is empty. Only for optional kinds; REPLACE ends it. */
  | { type: 'UNSERVED'; epoch: number };

export interface ListWatchOptions<T> {
  client: ApiClient;
  type: ResourceType;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  metadataOnly: boolean;
  /** The server may not serve the kind (no CRD). That is yielded, not treated as a failure, and checked again periodically. */
  optional: boolean;
  /** What to keep of each object. */
  transform: (object: KubernetesObject) => T;
  /**
   * The objects the reader has taken in, to check that the server's history is still the same. Without it only versions are
   * compared.
   */
  known?: (() => Objects<T>) | undefined;
  /** The history of the server, shared by all that follow it. */
  history: ServerHistory;
  timings: InformerTimings;
  logger: Logger;
  /** Ends the generator. */
  signal: AbortSignal;
  onReconnect?: ((reconnection: Reconnection) => void) | undefined;
}
