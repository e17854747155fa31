import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint } from './endpoint.ts';

/** Serves the health and metrics endpoints of an operator: GET of a few paths, 404 for others, 405 for other methods. */
export class HealthServer {
  readonly #endpoints: ReadonlyMap<string, Endpoint>;
  readonly #server: Server;

  /** @param endpoints by path, such as `/healthz` */
  constructor(endpoints: Readonly<Record<string, Endpoint>>) {
    this.#endpoints = new Map(Object.entries(endpoints));
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /**
   * Listens. @param address such as `:8081` (all interfaces) or `127.0.0.1:0` (any free port)
   * @returns the port @throws if the address is invalid or in use
   */
  async listen(address: string): Promise<number> {
    const match = /^(.*):(\d+)$/.exec(address);
    if (!match) {
      const paths = [...this.#endpoints.keys()].join(', ');
      throw new Error(`invalid address ${address} for ${paths}: use host:port or :port`);
    }
    const [, host, port] = match;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: Number(port), host: host || undefined }, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and closes open connections. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer({ url = '/', method = 'GET' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const endpoint = this.#endpoints.get(url.replace(/[?#].*$/, ''));
    if (!endpoint) {
      response.writeHead(404).end('not found\n');
    } else if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end('only GET and HEAD are allowed\n');
    } else {
      const { status, contentType, body } = await endpoint();
      response.writeHead(status, { 'content-type': contentType }).end(body);
    }
  }
}
