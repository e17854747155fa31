import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import { ApiClient } from '../../../operator/index.ts';
import type { ComponentName } from '../../../resources/api/component-name.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';
import { chainFrom, type Hop } from './chain.ts';
import { type LoadResult, load } from './load.ts';
import { PodServers } from './pod-servers.ts';
import { ServiceRoutes } from './service-routes.ts';

export interface TrafficOptions {
  namespace: string;
  /** The RestAPI's name, which is the front Service's. */
  name: string;
  /** The port of the front Service that requests come in at. Default: `view`. */
  port?: ComponentName;
}

/**
 * Plays the traffic of an application whose pods are no processes: a local server answers for each ready pod, and
 * connections are led by the cluster's own Services and EndpointSlices.
 */
export async function startTraffic(world: OperatorCluster, options: TrafficOptions): Promise<Traffic> {
  const traffic = new Traffic(world, options);
  await traffic.start();
  return traffic;
}

/** Traffic through a front Service. Made by {@link startTraffic}. */
export class Traffic implements AsyncDisposable {
  readonly #name: string;
  readonly #port: ComponentName;
  readonly #client: ApiClient;
  readonly #routes: ServiceRoutes;
  readonly #pods: PodServers;
  readonly #agent: Dispatcher;

  constructor(world: OperatorCluster, { namespace, name, port = 'view' }: TrafficOptions) {
    this.#name = name;
    this.#port = port;
    this.#client = new ApiClient({ kubeConfig: world.cluster.kubeConfig, userAgent: 'traffic' });
    this.#routes = new ServiceRoutes(this.#client, namespace);
    this.#pods = new PodServers(this.#client, namespace, (url) => this.#call(url));
    const connect = buildConnector({});
    this.#agent = new Agent({
      // A connection for each request: a kept one would go on to the pod that it was made to.
      pipelining: 0,
      connect: (options, callback) => {
        this.#localPort(options.hostname, Number(options.port)).then(
          (port) => connect({ ...options, hostname: '127.0.0.1', port: String(port) }, callback),
          (error) => callback(error, null),
        );
      },
    });
  }

  async start(): Promise<void> {
    await Promise.all([this.#routes.start(), this.#pods.start()]);
  }

  /**
   * Sends that many requests at least, always `concurrency` at once, and goes on until `during` has ended.
   * @returns what became of them
   */
  run(requests: number, concurrency: number, during?: Promise<unknown>): Promise<LoadResult> {
    const send = async () => this.#call(this.#routes.url(this.#name, this.#port));
    return load(send, chainFrom(this.#port), requests, concurrency, during);
  }

  /** Sends requests to the Services as a pod would. */
  get dispatcher(): Dispatcher {
    return this.#agent;
  }

  async close(): Promise<void> {
    await this.#agent.close();
    await this.#pods[Symbol.asyncDispose]();
    await this.#routes[Symbol.asyncDispose]();
    await this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #localPort(host: string, port: number): Promise<number> {
    const target = this.#routes.target(host, port);
    return this.#pods.localPort(target.pod, target.port);
  }

  async #call(url: string): Promise<Hop[]> {
    const { statusCode, body } = await request(url, { dispatcher: this.#agent });
    if (statusCode !== 200) throw new Error(await body.text());
    return (await body.json()) as Hop[];
  }
}
