import type { ApiClient, KubernetesObject, ResourceType, StoredObject } from '../../operator/index.ts';
import { DEFAULT_INFORMER_TIMINGS } from '../../operator/informer/informer-timings.ts';
import { ListWatch } from '../../operator/informer/list-watch.ts';
import type { ListWatchItem } from '../../operator/informer/list-watch-options.ts';
import { ServerHistory } from '../../operator/informer/server-history.ts';
import { silentLogger } from '../../operator/log/logger.ts';

/**
 * Follows all objects of a kind, each at every single version of it, as they are stored.
 * @param labelSelector by default all objects
 */
export function everyVersion<T extends KubernetesObject>(
  client: ApiClient,
  type: ResourceType,
  signal: AbortSignal,
  labelSelector?: string,
): AsyncIterable<ListWatchItem<StoredObject<T>>> {
  return new ListWatch<StoredObject<T>>({
    client,
    type,
    ...(labelSelector !== undefined && { labelSelector }),
    metadataOnly: false,
    optional: false,
    transform: (object) => object as StoredObject<T>,
    history: new ServerHistory(),
    timings: DEFAULT_INFORMER_TIMINGS,
    logger: silentLogger,
    signal,
  }).run();
}
