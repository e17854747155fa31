import { type ApiClient, Informer } from '../../../operator/index.ts';
import { SERVICE_NAME } from './labels.ts';
import { ENDPOINT_SLICES, type EndpointSlice, isReady, SERVICES, type Service } from './objects.ts';

/** A pod and the port to call. */
export interface Target {
  pod: string;
  port: number;
}

/**
 * Where connections to the Services of a namespace go, as DNS and kube-proxy have it: to a ready endpoint. Stricter than
 * kube-proxy, terminating endpoints get no new connection even where no others are left.
 */
export class ServiceRoutes implements AsyncDisposable {
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #namespace: string;
  #turn = 0;

  constructor(client: ApiClient, namespace: string) {
    this.#namespace = namespace;
    this.#services = new Informer({ client, type: SERVICES, namespace });
    this.#slices = new Informer({ client, type: ENDPOINT_SLICES, namespace });
  }

  async start(): Promise<void> {
    this.#services.start();
    this.#slices.start();
    await Promise.all([this.#services.synced(), this.#slices.synced()]);
  }

  /** The address of a named port of a Service. @throws Error if there is none */
  url(service: string, portName: string): string {
    const port = this.#portsOf(service).find(({ name }) => name === portName)?.port;
    if (port === undefined) throw new Error(`Service ${service} has no port ${portName}`);
    return `http://${service}:${port}`;
  }

  /** The pod that a new connection to a host name and port reaches; ready endpoints take turns. @throws Error if none */
  target(host: string, port: number): Target {
    const [service = '', namespace = this.#namespace] = host.split('.');
    const known = namespace === this.#namespace && this.#portsOf(service).find((candidate) => candidate.port === port);
    if (!known) throw new Error(`there is no ${host}:${port}`);
    const targets = this.#slices
      .list()
      .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === service)
      .flatMap(({ ports, endpoints }) => {
        const number = ports?.find(({ name }) => name === known.name)?.port;
        return (endpoints ?? []).filter(isReady).map(({ targetRef }) => ({ pod: targetRef?.name, port: number }));
      })
      .filter((target): target is Target => target.pod !== undefined && target.port !== undefined);
    const target = targets[this.#turn++ % targets.length];
    if (target === undefined) throw new Error(`${host}:${port} has no ready endpoint`);
    return target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#services.stop(), this.#slices.stop()]);
  }

  #portsOf(service: string): { name?: string; port: number }[] {
    return this.#services.get(this.#namespace, service)?.spec.ports ?? [];
  }
}
