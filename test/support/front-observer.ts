import { ApiClient, type KubernetesObject, type ResourceType, type StoredObject } from '../../operator/index.ts';
import { VersionWaiters } from '../../operator/informer/version-waiters.ts';
import { TRAFFIC } from '../../resources/index.ts';
import { everyVersion } from './every-version.ts';
import type { OperatorCluster } from './operator-cluster.ts';

type EndpointSlice = StoredObject<KubernetesObject & { endpoints?: { conditions?: { ready?: boolean } }[] | null }>;

const SLICES: ResourceType = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
};

/** How long settle() waits for the watch, milliseconds. */
const SETTLE_MS = 60_000;

/**
 * Watches the EndpointSlices of all front Services and remembers every single state in which one that had ready endpoints
 * has none: nothing that was so only for a moment is missed.
 */
export class FrontObserver implements AsyncDisposable {
  /** Each moment without a ready endpoint: the front Service, and the resource version from which on. */
  readonly outages: { front: string; resourceVersion: string }[] = [];
  readonly #client: ApiClient;
  readonly #stopping = new AbortController();
  readonly #seen = new VersionWaiters();
  /** Ready endpoints by slice, by front Service. */
  readonly #ready = new Map<string, Map<string, number>>();
  /** The front Services that have ready endpoints, and those that may have none as their application is stopped. */
  readonly #serving = new Set<string>();
  readonly #stopped = new Set<string>();
  #running: Promise<void> = Promise.resolve();
  #failure: unknown;
  #markers = 0;

  private constructor(world: OperatorCluster) {
    this.#client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'front-observer' });
  }

  static async start(world: OperatorCluster): Promise<FrontObserver> {
    const observer = new FrontObserver(world);
    observer.#running = observer.#follow();
    await observer.settle();
    return observer;
  }

  /** Whether the front Service of a RestAPI ever had a ready endpoint: no outages mean nothing otherwise. */
  hasServed(namespace: string, name: string): boolean {
    return this.#serving.has(`${namespace}/${name}`);
  }

  /** The front Service of a RestAPI may have no endpoints from now on, until it has some again. */
  mayStop(namespace: string, name: string): void {
    this.#stopped.add(`${namespace}/${name}`);
  }

  /** Resolves when all that has happened up to now is judged. @throws Error if it could not be seen */
  async settle(): Promise<void> {
    const name = `marker-${this.#markers++}`;
    const labels = { [TRAFFIC]: 'front', 'kubernetes.io/service-name': name };
    const identity = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
    const marker = {
      ...identity,
      metadata: { name, namespace: 'default', labels },
      addressType: 'IPv4',
      endpoints: [],
    };
    const created: KubernetesObject = await this.#client.create(SLICES, marker);
    const resourceVersion = String(created.metadata?.resourceVersion);
    const seen = await this.#seen.waitFor(resourceVersion, SETTLE_MS);
    if (this.#failure !== undefined) throw new Error('the observer could not see everything', { cause: this.#failure });
    if (!seen) throw new Error(`the watch of EndpointSlices has not come to resource version ${resourceVersion}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#client.close();
  }

  async #follow(): Promise<void> {
    const items = everyVersion<EndpointSlice>(this.#client, SLICES, this.#stopping.signal, `${TRAFFIC}=front`);
    try {
      for await (const item of items) {
        if (item.type === 'CHANGE')
          this.#take(item.change.object, item.change.type === 'DELETED', item.resourceVersion);
        if (item.type === 'REPLACE') for (const object of item.objects.values()) this.#take(object, false, '');
        this.#seen.advance(item.type === 'UNSERVED' ? '' : item.resourceVersion);
      }
    } catch (error) {
      this.#failure ??= error;
    }
    this.#seen.end();
  }

  #take({ metadata, endpoints }: EndpointSlice, deleted: boolean, resourceVersion: string): void {
    const front = `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name']}`;
    const slices = this.#ready.get(front) ?? new Map<string, number>();
    this.#ready.set(front, slices);
    if (deleted) slices.delete(metadata.name);
    else slices.set(metadata.name, (endpoints ?? []).filter(({ conditions }) => conditions?.ready).length);
    const ready = [...slices.values()].reduce((sum, count) => sum + count, 0);
    if (ready > 0) {
      this.#serving.add(front);
      this.#stopped.delete(front);
      return;
    }
    if (this.#serving.has(front) && !this.#stopped.has(front)) this.outages.push({ front, resourceVersion });
  }
}
