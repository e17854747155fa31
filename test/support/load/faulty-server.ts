import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';

/** A server on 127.0.0.1 that counts its requests and answers them as a test wants. */
export class FaultyServer implements AsyncDisposable {
  readonly url: URL;
  /** Requests that have arrived. */
  readonly requests: () => number;
  readonly #server: Server;
  readonly #end: () => void;

  private constructor(server: Server, requests: () => number, end: () => void) {
    this.requests = requests;
    this.#server = server;
    this.#end = end;
    this.url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  /**
   * HTTP/1.1.
   *
   * @param handle called with the whole request and its number, from 1
   * @param port default: a free one
   */
  static async start(
    handle: (request: IncomingMessage, response: ServerResponse, number: number) => void,
    port = 0,
  ): Promise<FaultyServer> {
    let requests = 0;
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      requests += 1;
      const number = requests;
      request.resume().once('end', () => handle(request, response, number));
    });
    server.on('connection', (socket) => socket.on('error', () => undefined));
    await listen(server, port);
    return new FaultyServer(
      server,
      () => requests,
      () => server.closeAllConnections(),
    );
  }

  /** HTTP/2 without TLS. */
  static async startHttp2(handle: (stream: ServerHttp2Stream, number: number) => void): Promise<FaultyServer> {
    let requests = 0;
    const sessions = new Set<ServerHttp2Session>();
    const server = createHttp2Server();
    server.on('session', (session) => {
      sessions.add(session);
      session.on('error', () => undefined);
      session.once('close', () => sessions.delete(session));
    });
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      requests += 1;
      handle(stream, requests);
    });
    await listen(server, 0);
    return new FaultyServer(
      server,
      () => requests,
      () => {
        for (const session of sessions) session.destroy();
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}
