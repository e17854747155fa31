import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Logger, silentLogger } from '../log/logger.ts';
import type { AccessGuard } from '../serving/access-guard.ts';
import { HttpListener, readAddress } from '../serving/http-listener.ts';
import type { Protection } from '../serving/protection.ts';
import type { Endpoint } from './endpoint.ts';

/** Serves the health and metrics endpoints of an operator: GET of a few paths, 404 for others, 405 for other methods. */
export class HealthServer {
  readonly #endpoints: ReadonlyMap<string, Endpoint>;
  readonly #guard: AccessGuard | undefined;
  readonly #listener: HttpListener;

  /**
   * @param endpoints by path, such as `/healthz`
   * @param protection default: none
   */
  constructor(endpoints: Readonly<Record<string, Endpoint>>, protection?: Protection, logger: Logger = silentLogger) {
    this.#endpoints = new Map(Object.entries(endpoints));
    this.#guard = protection?.guard;
    const { certificate } = protection ?? {};
    this.#listener = new HttpListener((request, response) => void this.#answer(request, response), {
      certificate,
      logger,
    });
  }

  /**
   * Listens. @param address such as `:8081` (all interfaces) or `127.0.0.1:0` (any free port)
   * @returns the port @throws if the address is invalid or in use, or the certificate cannot be read
   */
  async listen(address: string): Promise<number> {
    return this.#listener.listen(readAddress(address, [...this.#endpoints.keys()].join(', ')));
  }

  /** Stops listening and closes open connections. */
  async close(): Promise<void> {
    await this.#listener.close();
  }

  async #answer({ url = '/', method = 'GET', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = url.replace(/[?#].*$/, '');
    const endpoint = this.#endpoints.get(path);
    if (!endpoint) {
      response.writeHead(404).end('not found\n');
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end('only GET and HEAD are allowed\n');
      return;
    }
    const refusal = await this.#guard?.refusal(headers, path);
    if (refusal) {
      if (refusal.challenge) response.setHeader('www-authenticate', refusal.challenge);
      response.writeHead(refusal.status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${refusal.message}\n`);
      return;
    }
    const { status, contentType, body } = await endpoint();
    response.writeHead(status, { 'content-type': contentType }).end(body);
  }
}
