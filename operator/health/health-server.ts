import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Whether something is well: undefined, or in words what is not. */
export type HealthCheck = () => string | undefined;

/** Answers `/healthz` and `/readyz` for kubelets and load balancers: 200 `ok`, or 503 and what is wrong. */
export class HealthServer {
  readonly #server: Server;

  /** @param checks by path, such as `{ '/healthz': () => undefined }` */
  constructor(checks: Readonly<Record<string, HealthCheck>>) {
    const routes = new Map(Object.entries(checks));
    this.#server = createServer((request, response) => {
      const check = routes.get(new URL(request.url ?? '/', 'http://localhost').pathname);
      if (!check) {
        response.writeHead(404).end('not found\n');
        return;
      }
      const trouble = check();
      response.writeHead(trouble === undefined ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`${trouble ?? 'ok'}\n`);
    });
  }

  /**
   * Listens. @param address such as `:8081` (all interfaces) or `127.0.0.1:0` (any free port)
   * @returns the port @throws if the address makes no sense or is taken
   */
  async listen(address: string): Promise<number> {
    const match = /^(.*):(\d+)$/.exec(address);
    if (!match) throw new Error(`the address ${address} of the health endpoints is not of the form host:port or :port`);
    const [, host, port] = match;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: Number(port), host: host || undefined }, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more connections and ends those there are. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
