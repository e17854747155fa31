import type { Server, ServerResponse } from 'node:http';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as untilRead } from 'node:timers/promises';

/** Times of a drain in milliseconds. */
export interface DrainOptions {
  /**
   * The drain ends after this time, even if connections are still open. Choose it a little below
   * terminationGracePeriodSeconds minus the seconds of the preStop hook, after which Kubernetes kills the process.
   */
  graceMs?: number;
  /** An unused connection is closed after this time. Choose it longer than your clients keep unused connections. */
  idleMs?: number;
  /** The drain ends when no connection has been open for this time. */
  quietMs?: number;
}

interface Connection {
  socket: Socket;
  /** Responses that have not ended. */
  responses: Set<ServerResponse>;
  /** When the last response ended, by performance.now(). */
  idleSince: number;
}

/**
 * Stops an HTTP server in a pod without losing a request:
 *
 * - New connections are accepted until the end, because kube-proxy and load balancers send some for a few seconds more.
 *   For the same reason, do not fail the readiness probe: Kubernetes has already removed the pod from its Services.
 * - Every response says `Connection: close`, so the clients that keep their connections open new ones, to other pods.
 * - Connections that carry no request for a while are closed.
 * - HTTP/2 sessions get GOAWAY. Open streams are completed; those that were on their way are refused, which tells the client that
 *   they were not processed, so that it can send them again (RFC 9113, 8.7). Node cannot give notice before (6.8): after any GOAWAY
 *   it ignores new streams.
 *
 * @example
 * const server = createServer(listener);
 * const drain = new GracefulDrain(server);          // before the first connection
 * server.listen(8080);
 * process.once('SIGTERM', async () => {
 *   await drain.run();
 *   process.exit();
 * });
 */
export class GracefulDrain {
  readonly #connections = new Map<Socket, Connection>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #startedAt: number | undefined;
  /** When a connection was last open, by performance.now(). */
  #lastOpenAt = 0;

  /** @param server listens, or is handed connections by `server.emit('connection', socket)` */
  constructor(server: Server, http2?: Http2Server) {
    server.on('connection', (socket) => this.#add(socket));
    // Before the application's listener, which may send the headers at once.
    server.prependListener('request', ({ socket }, response) => this.#begin(this.#add(socket), response));
    http2?.on('session', (session) => this.#addSession(session));
  }

  /** Number of open connections. */
  get open(): number {
    return this.#connections.size + this.#sessions.size;
  }

  /** Resolves when all connections are closed or `graceMs` is over. @returns the number of connections still open */
  async run({ graceMs = 20_000, idleMs = 5_000, quietMs = 1_000 }: DrainOptions = {}): Promise<number> {
    const startedAt = performance.now();
    this.#startedAt ??= startedAt;
    this.#lastOpenAt = startedAt;
    for (const { responses } of this.#connections.values()) for (const response of responses) announceClose(response);
    for (const session of this.#sessions) session.close();
    for (;;) {
      // After a time without CPU, connections that look idle may have requests that were not read yet.
      await untilRead();
      const now = performance.now();
      this.#closeIdle(now - idleMs);
      if (this.open > 0) this.#lastOpenAt = now;
      if (now - this.#lastOpenAt >= quietMs || now - startedAt >= graceMs) return this.open;
      await sleep(50);
    }
  }

  #add(socket: Socket): Connection {
    const known = this.#connections.get(socket);
    if (known) return known;
    const connection = { socket, responses: new Set<ServerResponse>(), idleSince: performance.now() };
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      this.#lastOpenAt = performance.now();
    });
    return connection;
  }

  #begin(connection: Connection, response: ServerResponse): void {
    connection.responses.add(response);
    response.once('close', () => {
      connection.responses.delete(response);
      connection.idleSince = performance.now();
    });
    if (this.#startedAt !== undefined) announceClose(response);
  }

  #addSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once('close', () => {
      this.#sessions.delete(session);
      this.#lastOpenAt = performance.now();
    });
    // While draining, a new session serves the requests that it begins with.
    session.once('stream', () => this.#startedAt !== undefined && session.close());
  }

  #closeIdle(before: number): void {
    // Unused connections had no response that could say `close`, so they get the whole time from the start of the drain.
    if (this.#startedAt === undefined || this.#startedAt > before) return;
    for (const { socket, responses, idleSince } of this.#connections.values()) {
      if (responses.size === 0 && idleSince <= before) socket.destroy();
    }
  }
}

/** Node closes the connection after a response with this header. Too late if the headers have been sent. */
function announceClose(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}
