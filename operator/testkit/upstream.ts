import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';

/** The API server behind a fault proxy, as one user. */
export class Upstream {
  readonly #server: URL;
  readonly #headers: Record<string, string> | undefined;
  readonly #userAgentSuffix: string | undefined;
  readonly #agent: Agent;

  /**
   * @param options credentials as client-node gives them (applyToHTTPSOptions)
   * @param userAgentSuffix added to the User-Agent of every forwarded request
   */
  constructor(server: URL, options: RequestOptions, userAgentSuffix?: string) {
    this.#server = server;
    this.#userAgentSuffix = userAgentSuffix;
    const { ca, cert, key, rejectUnauthorized, servername, headers } = options as RequestOptions & {
      servername?: string;
    };
    this.#headers = headers as Record<string, string> | undefined;
    this.#agent = new Agent({ keepAlive: true, ca, cert, key, rejectUnauthorized, servername });
  }

  /** Begins a request with these headers and the credentials. @param path with the query */
  request(path: string, method: string | undefined, headers: RequestOptions['headers'] & object): ClientRequest {
    return request(new URL(path, this.#server), {
      method,
      headers: { ...headers, ...this.#headers },
      agent: this.#agent,
    });
  }

  /** Begins a client's request, with this user's credentials in place of the client's. */
  forward({ url = '/', method, headers: all }: IncomingMessage, contentLength: number): ClientRequest {
    const { authorization: _dropped, host: _host, connection: _hop, 'transfer-encoding': _encoding, ...headers } = all;
    return this.request(url, method, {
      ...headers,
      ...(this.#userAgentSuffix && { 'user-agent': `${headers['user-agent'] ?? ''} ${this.#userAgentSuffix}` }),
      'content-length': contentLength,
    });
  }

  /** Closes the kept connections. */
  close(): void {
    this.#agent.destroy();
  }
}
