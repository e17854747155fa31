import { ApiClient, Informer } from '../../../operator/index.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';
import { ENVIRONMENT_LABEL, SERVICE_NAME } from './labels.ts';
import { ENDPOINT_SLICES, type EndpointSlice, isReady, PODS, type Pod } from './objects.ts';

/** When the endpoints of Services came over to another environment, as seen by a client that watches. */
export class SwitchTimes implements AsyncDisposable {
  readonly #client: ApiClient;
  readonly #pods: Informer<Pod>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #seen = new Map<string, { environments: string; at: number }[]>();

  private constructor(world: OperatorCluster, namespace: string) {
    this.#client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'switch-times' });
    this.#pods = new Informer<Pod>({ client: this.#client, type: PODS, namespace });
    this.#slices = new Informer<EndpointSlice>({ client: this.#client, type: ENDPOINT_SLICES, namespace });
    this.#slices.subscribe(({ object }) => this.#note(object));
  }

  static async start(world: OperatorCluster, namespace = 'default'): Promise<SwitchTimes> {
    const times = new SwitchTimes(world, namespace);
    times.#pods.start();
    await times.#pods.synced();
    times.#slices.start();
    await times.#slices.synced();
    return times;
  }

  /** Milliseconds since 1970 at which a Service first led to an environment and nowhere else, after `since`. */
  movedTo(environment: string, service: string, since: number): number | undefined {
    return this.#seen.get(service)?.find(({ environments, at }) => environments === environment && at >= since)?.at;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#pods.stop(), this.#slices.stop()]);
    await this.#client.close();
  }

  #note({ metadata, endpoints }: EndpointSlice): void {
    const service = metadata.labels?.[SERVICE_NAME] ?? '';
    const names = (endpoints ?? []).filter(isReady).map(({ targetRef }) => {
      const pod = this.#pods.get(metadata.namespace, targetRef?.name ?? '');
      return pod?.metadata.labels?.[ENVIRONMENT_LABEL] ?? 'unknown';
    });
    const noted = this.#seen.get(service) ?? [];
    noted.push({ environments: [...new Set(names)].sort().join(','), at: Date.now() });
    this.#seen.set(service, noted);
  }
}
