import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ComponentName } from '../../../resources/api/component-name.ts';
import { chainFrom, type Hop } from './chain.ts';
import { COMPONENT_LABEL, ENVIRONMENT_LABEL } from './labels.ts';
import type { Pod } from './objects.ts';

/** Pods of images with this suffix are Ready but answer only errors. */
export const BROKEN = 'broken';

/** Calls an address as a pod would and returns who answered. @throws Error without an answer of status 200 */
export type Call = (url: string) => Promise<Hop[]>;

/**
 * Replaces the container of a pod, which no node runs. It answers with its identity after it has called the next component at
 * the address in the pod's own environment variables.
 */
export class PodServer {
  readonly #hop: Hop;
  readonly #next: string | undefined;
  readonly #ports: (number | undefined)[];
  readonly #call: Call;
  readonly #server: Server;

  private constructor({ metadata, spec }: Pod, call: Call) {
    const { [COMPONENT_LABEL]: component = '', [ENVIRONMENT_LABEL]: environment = '' } = metadata.labels ?? {};
    const [container] = spec.containers;
    this.#hop = { pod: metadata.name, component, environment, image: container?.image ?? '' };
    const [, next] = chainFrom(component as ComponentName);
    this.#next = next && container?.env?.find(({ name }) => name === `${next.toUpperCase()}_URL`)?.value;
    this.#ports = container?.ports?.map(({ containerPort }) => containerPort) ?? [];
    this.#call = call;
    this.#server = createServer((_request, response) => this.#answer(response));
  }

  static async start(pod: Pod, call: Call): Promise<PodServer> {
    const server = new PodServer(pod, call);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  /** Where on this machine a port of the pod is answered. @throws Error if the pod does not listen there */
  localPort(port: number): number {
    if (!this.#ports.includes(port)) throw new Error(`pod ${this.#hop.pod} does not listen on port ${port}`);
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more connections and resolves when those it has are answered. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  async #answer(response: ServerResponse): Promise<void> {
    if (this.#hop.image.endsWith(BROKEN)) {
      response.writeHead(503).end();
      return;
    }
    try {
      const further = this.#next === undefined ? [] : await this.#call(this.#next);
      response.end(JSON.stringify([this.#hop, ...further]));
    } catch (error) {
      response.writeHead(502).end(`${this.#hop.pod}: ${(error as Error).message}`);
    }
  }
}
