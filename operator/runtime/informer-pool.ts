import { Informer } from '../informer/informer.ts';
import type { InformerTimings } from '../informer/informer-timings.ts';
import type { StoredObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { ResourceType } from '../resource/resource-type.ts';
import type { ApiClient } from '../transport/api-client.ts';

/** One informer for each kind and selector, shared by all that ask for it: one stream, one copy in memory. */
export class InformerPool {
  readonly #informers = new Map<string, Informer<StoredObject>>();
  readonly #onDemand = new Map<string, Informer<StoredObject>>();
  readonly #client: ApiClient;
  readonly #logger: Logger;
  readonly #namespace: string | undefined;
  readonly #timings: Partial<InformerTimings> | undefined;

  /** @param namespace the only one to watch; undefined: all */
  constructor(client: ApiClient, logger: Logger, namespace?: string, timings?: Partial<InformerTimings>) {
    this.#client = client;
    this.#logger = logger;
    this.#namespace = namespace;
    this.#timings = timings;
  }

  /** The informer of a kind, made at the first call. Subscribe before `start`, to miss nothing. */
  of(type: ResourceType, labelSelector?: string): Informer<StoredObject> {
    return this.#in(this.#informers, type, { labelSelector });
  }

  /**
   * The informer of the metadata of all objects of a kind, made and started at the first call. It does not count for
   * `hasSynced`: what it is needed for waits for it alone.
   */
  metadataOf(type: ResourceType): Informer<StoredObject> {
    const informer = this.#in(this.#onDemand, type, { metadataOnly: true });
    informer.start();
    return informer;
  }

  #in(
    informers: Map<string, Informer<StoredObject>>,
    type: ResourceType,
    options: { labelSelector?: string; metadataOnly?: boolean },
  ): Informer<StoredObject> {
    const { group, version, plural } = type;
    const id = [group, version, plural, options.labelSelector].join('|');
    let informer = informers.get(id);
    if (!informer) {
      informer = new Informer<StoredObject>({
        ...options,
        client: this.#client,
        type,
        namespace: type.namespaced ? this.#namespace : undefined,
        logger: this.#logger,
        timings: this.#timings,
      } as never);
      informers.set(id, informer);
    }
    return informer;
  }

  /** Starts every informer and resolves when all have filled their caches. @throws the signal's reason if it aborts first */
  async start(signal: AbortSignal): Promise<void> {
    const informers = [...this.#informers.values()];
    for (const informer of informers) informer.start();
    await Promise.all(informers.map((informer) => informer.synced(signal)));
  }

  /** True when every cache is filled. */
  get hasSynced(): boolean {
    return [...this.#informers.values()].every((informer) => informer.hasSynced);
  }

  /** Ends every stream. */
  async stop(): Promise<void> {
    await Promise.all([...this.#informers.values(), ...this.#onDemand.values()].map((informer) => informer.stop()));
  }
}
