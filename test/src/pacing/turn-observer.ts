import { ApiClient, type ResourceType, type StoredObject } from '../../../operator/index.ts';
import type { RestAPI } from '../../../resources/index.ts';
import { type ReleaseSlot, slotOf } from '../../../src/blue-green/release-slot.ts';
import { everyVersion } from '../../support/every-version.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';

const REST_APIS: ResourceType = {
  group: 'restapi.dev',
  version: 'v1alpha1',
  kind: 'RestAPI',
  plural: 'restapis',
  namespaced: true,
};

/** Follows every stored version of all RestAPIs: how many releases are in progress, and in which order they begin. */
export class TurnObserver implements AsyncDisposable {
  /** The most that were in progress at one resource version, and where that was. */
  most = { count: 0, resourceVersion: '' };
  /** The namespaces of the releases, in the order in which they began. */
  readonly begun: string[] = [];
  /** How long a slot was free while some waited, milliseconds. */
  readonly gaps: number[] = [];
  readonly #max: number;
  readonly #slots = new Map<string, ReleaseSlot | undefined>();
  readonly #stopping = new AbortController();
  readonly #client: ApiClient;
  #freeSince: number | undefined;
  #following: Promise<void> = Promise.resolve();
  failure: unknown;

  private constructor(world: OperatorCluster, max: number) {
    this.#max = max;
    this.#client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'turn-observer' });
  }

  static start(world: OperatorCluster, max: number): TurnObserver {
    const observer = new TurnObserver(world, max);
    observer.#following = observer.#follow().catch((error: unknown) => {
      observer.failure = error;
    });
    return observer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#following;
    await this.#client.close();
  }

  async #follow(): Promise<void> {
    for await (const item of everyVersion<RestAPI>(this.#client, REST_APIS, this.#stopping.signal)) {
      if (item.type === 'REPLACE') for (const object of item.objects.values()) this.#take(object, item.resourceVersion);
      if (item.type === 'CHANGE') this.#take(item.change.object, item.resourceVersion);
    }
  }

  #take(api: StoredObject<RestAPI>, resourceVersion: string): void {
    const { uid, namespace = '' } = api.metadata;
    const before = this.#slots.get(uid);
    const slot = slotOf(api);
    this.#slots.set(uid, slot);
    if (slot === 'InProgress' && before !== 'InProgress') this.begun.push(namespace);
    const slots = [...this.#slots.values()];
    const count = slots.filter((one) => one === 'InProgress').length;
    if (count > this.most.count) this.most = { count, resourceVersion };
    const isFree = count < this.#max && slots.includes('Waiting');
    if (isFree) this.#freeSince ??= performance.now();
    else if (this.#freeSince !== undefined) {
      this.gaps.push(performance.now() - this.#freeSince);
      this.#freeSince = undefined;
    }
  }
}
