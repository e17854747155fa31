import { Informer, type Reconnection } from '../informer/informer.ts';
import type { InformerTimings } from '../informer/informer-timings.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';

/** One informer for each kind and selector, shared by all that ask for it: one stream, one copy in memory. */
export class InformerPool {
  readonly #informers = new Map<string, Informer<StoredObject>>();
  readonly #client: ApiClient;
  readonly #logger: Logger;
  readonly #namespace: string | undefined;
  readonly #timings: Partial<InformerTimings> | undefined;
  readonly #onReconnect: (type: ResourceType, reconnection: Reconnection) => void;

  /**
   * @param namespace the only one to watch; undefined: all
   * @param onReconnect told of every watch that was opened again
   */
  constructor(
    client: ApiClient,
    logger: Logger,
    namespace?: string,
    timings?: Partial<InformerTimings>,
    onReconnect: (type: ResourceType, reconnection: Reconnection) => void = () => {},
  ) {
    this.#client = client;
    this.#logger = logger;
    this.#namespace = namespace;
    this.#timings = timings;
    this.#onReconnect = onReconnect;
  }

  /** The informer of a kind, made at the first call. Subscribe before `start`, to miss nothing. */
  of(type: ResourceType, labelSelector?: string): Informer<StoredObject> {
    const { group, version, plural } = type;
    const id = [group, version, plural, labelSelector].join('|');
    let informer = this.#informers.get(id);
    if (!informer) {
      informer = new Informer<StoredObject>({
        client: this.#client,
        type,
        namespace: type.namespaced ? this.#namespace : undefined,
        labelSelector,
        logger: this.#logger,
        timings: this.#timings,
        onReconnect: (reconnection: Reconnection) => this.#onReconnect(type, reconnection),
      } as never);
      this.#informers.set(id, informer);
    }
    return informer;
  }

  /** Starts every informer and resolves when all have filled their caches. @throws the signal's reason if it aborts first */
  async start(signal: AbortSignal): Promise<void> {
    const informers = [...this.#informers.values()];
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.synced(signal)));
  }

  /** Every informer there is. */
  get all(): Iterable<Informer<StoredObject>> {
    return this.#informers.values();
  }

  /** True when every cache is filled. */
  get hasSynced(): boolean {
    return [...this.#informers.values()].every((informer) => informer.hasSynced);
  }

  /** Ends every stream. */
  async stop(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.stop()));
  }
}
