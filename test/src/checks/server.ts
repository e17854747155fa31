import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { ApiClient } from '../../../operator/index.ts';

/** The client of checks that go directly to Services. */
export const UNUSED = {} as ApiClient;

/** Ends nothing. */
export const UNENDING: AbortSignal = new AbortController().signal;

/** A real HTTP server on this machine, and what it was asked. */
export class TestServer implements AsyncDisposable {
  readonly requests: { method: string; url: string; host: string; body: string }[] = [];
  readonly server: Server;

  private constructor(answer: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
    this.server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method = '', url = '', headers } = request;
      this.requests.push({ method, url, host: headers.host ?? '', body });
      answer(request, response, body);
    });
  }

  static async start(
    answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  ): Promise<TestServer> {
    const started = new TestServer(answer);
    started.server.listen(0, '127.0.0.1');
    await once(started.server, 'listening');
    return started;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Redirects connections to any host to one port of this machine; `asked` lists the requested hosts. */
export function ledTo(port: number): { agent: Agent; asked: string[] } {
  const asked: string[] = [];
  const connect = buildConnector({});
  const agent = new Agent({
    pipelining: 0,
    connect: (options, callback) => {
      asked.push(`${options.hostname}:${options.port}`);
      connect({ ...options, hostname: '127.0.0.1', port: String(port) }, callback);
    },
  });
  return { agent, asked };
}
