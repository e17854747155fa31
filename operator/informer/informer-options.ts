import type { KubernetesObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';
import type { InformerTimings } from './informer-timings.ts';
import type { Reconnection } from './reconnection.ts';
import type { ServerHistory } from './server-history.ts';

export interface InformerOptions<T extends KubernetesObject> {
  client: ApiClient;
  type: ResourceType;
  /** Default: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Fetch and keep metadata alone. */
  metadataOnly?: boolean;
  /**
   * The server may not serve the kind, as its CRD is not installed. The cache then counts as filled, with nothing in it, see
   * `served`. Default false: waits until the kind is served.
   */
  optional?: boolean;
  /**
   * What to keep of each object; may change the object it is given. Must not change metadata's name, namespace, uid,
   * resourceVersion and ownerReferences. Default: without managedFields and kubectl's last-applied annotation.
   */
  transform?: (object: KubernetesObject) => T;
  /** The history of the server, shared by all that follow it. Default: one of its own. */
  history?: ServerHistory;
  logger?: Logger;
  /** Overrides of DEFAULT_INFORMER_TIMINGS. */
  timings?: Partial<InformerTimings>;
  /** Called when a watch has been opened again after the previous one ended. */
  onReconnect?: (reconnection: Reconnection) => void;
}

/** What keeps an informer from following its collection. */
export interface Trouble {
  since: Date;
  /** The last error, and the remedy where there is one. */
  reason: string;
}
