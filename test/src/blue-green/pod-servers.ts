import { type ApiClient, Informer, isNotFound } from '../../../operator/index.ts';
import { isServing, PODS, type Pod } from './objects.ts';
import { type Call, PodServer } from './pod-server.ts';

/**
 * A server for each pod of a namespace: from when the pod is Ready until it has been deleted and its preStop sleep is
 * over. Pods are identified by name, because the addresses that KWOK assigns are unreachable.
 */
export class PodServers implements AsyncDisposable {
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #call: Call;
  readonly #informer: Informer<Pod>;
  readonly #servers = new Map<string, Promise<PodServer>>();
  readonly #draining = new Map<string, NodeJS.Timeout>();

  constructor(client: ApiClient, namespace: string, call: Call) {
    this.#client = client;
    this.#namespace = namespace;
    this.#call = call;
    this.#informer = new Informer<Pod>({ client, type: PODS, namespace });
    this.#informer.subscribe(({ type, object }) => {
      if (isServing(object) && type !== 'DELETED') this.#start(object);
      else if (object.metadata.deletionTimestamp !== undefined) this.#drain(object);
      // Deleted without a grace period: its node was lost, or the deletion was forced.
      else if (type === 'DELETED') return this.#close(object.metadata.name);
    });
  }

  async start(): Promise<void> {
    this.#informer.start();
    await this.#informer.synced();
  }

  /** The port of this machine that serves a port of a pod. @throws Error if there is none */
  async localPort(name: string, port: number): Promise<number> {
    const server = this.#servers.get(name) ?? this.#lookUp(name);
    const found = await server;
    if (!found) throw new Error(`pod ${name} does not run`);
    return found.localPort(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#informer.stop();
    for (const timer of this.#draining.values()) clearTimeout(timer);
    await Promise.all([...this.#servers.keys()].map((name) => this.#close(name)));
  }

  /** An EndpointSlice may arrive before the pod that it names. The pod must be Ready by then, or it must not be called. */
  async #lookUp(name: string): Promise<PodServer | undefined> {
    try {
      const pod = await this.#client.get<Pod>(PODS, this.#namespace, name);
      return isServing(pod) ? await this.#start(pod) : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #start(pod: Pod): Promise<PodServer> {
    const { name } = pod.metadata;
    const server = this.#servers.get(name) ?? PodServer.start(pod, this.#call);
    this.#servers.set(name, server);
    return server;
  }

  #drain({ metadata: { name }, spec }: Pod): void {
    if (this.#draining.has(name) || !this.#servers.has(name)) return;
    const seconds = spec.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    this.#draining.set(
      name,
      setTimeout(() => this.#close(name), seconds * 1000),
    );
  }

  async #close(name: string): Promise<void> {
    const server = this.#servers.get(name);
    this.#servers.delete(name);
    this.#draining.delete(name);
    await (await server)?.close();
  }
}
