import { buildConnector, Client, type Dispatcher, ProxyAgent } from 'undici';
import type { ResolvedCredentials } from './credentials.ts';
import { type Exchange, type ExchangeListener, type OutgoingRequest, startExchange } from './exchange.ts';

/** Timeout of one connection attempt, milliseconds: well below a request's deadline, so that a second attempt fits in. */
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * How long an idle connection is kept, milliseconds. kube-apiserver closes idle connections after 90 s, load balancers
 * often after 60 s: closing first avoids writing into a connection that the other side is closing.
 */
const KEEP_ALIVE_MS = 30_000;
/** First TCP keep-alive probe on a silent connection, milliseconds: detects a dead peer of a quiet watch. */
const TCP_KEEP_ALIVE_MS = 30_000;

/** The use of a connection: short requests, or long streams. */
export type Purpose = 'requests' | 'streams';

/** Connections with the same TLS settings. */
interface Generation {
  fingerprint: string;
  connect: () => Dispatcher;
  /** Connections without an exchange; the most recently used one last. */
  idle: Record<Purpose, Dispatcher[]>;
}

/**
 * The connections to one API server: HTTP/1.1, one request at a time on each, reused.
 *
 * There are never more than the most concurrent exchanges of the last 30 s: an exchange takes the most recently used connection,
 * or opens one, and returns it when its answer has ended. A connection whose exchange failed or was aborted is closed. The caller
 * limits the number of exchanges; none waits for another here.
 *
 * HTTP/2 is avoided on purpose: all requests and watches would share one TCP connection, and one lost packet or one slow reader
 * would delay all of them.
 */
export class ConnectionPool {
  readonly #origin: string;
  readonly #proxyUrl: string | undefined;
  #current: Generation | undefined;
  readonly #open = new Set<Dispatcher>();

  /** @param proxyUrl http, https or socks5 proxy to go through. */
  constructor(origin: string, proxyUrl: string | undefined) {
    this.#origin = origin;
    this.#proxyUrl = proxyUrl;
  }

  /** Starts an exchange on a connection of its own. New TLS settings mean new connections; old ones finish their exchanges. */
  start(
    credentials: ResolvedCredentials,
    purpose: Purpose,
    request: OutgoingRequest,
    listener: ExchangeListener,
  ): Exchange {
    const generation = this.#generation(credentials);
    const connection = generation.idle[purpose].pop() ?? this.#connect(generation, purpose);
    return startExchange(connection, request, {
      refusal: () => listener.refusal?.(),
      onSent: () => listener.onSent(),
      onHeaders: (status, headers) => listener.onHeaders(status, headers),
      onData: (chunk) => listener.onData(chunk),
      onEnd: () => {
        if (generation === this.#current) generation.idle[purpose].push(connection);
        else this.#close(connection);
        listener.onEnd();
      },
      onError: (error) => {
        // Its state is unknown, so it must not carry another request.
        this.#close(connection);
        listener.onError(error);
      },
    });
  }

  /** Closes every connection now; their exchanges fail. */
  async destroy(): Promise<void> {
    this.#current = undefined;
    await Promise.allSettled([...this.#open].map((connection) => connection.destroy()));
  }

  #generation(credentials: ResolvedCredentials): Generation {
    if (this.#current?.fingerprint !== credentials.tlsFingerprint) {
      const old = this.#current;
      this.#current = {
        fingerprint: credentials.tlsFingerprint,
        connect: this.#connector(credentials),
        idle: { requests: [], streams: [] },
      };
      for (const connection of Object.values(old?.idle ?? {}).flat()) this.#close(connection);
    }
    return this.#current;
  }

  #connect(generation: Generation, purpose: Purpose): Dispatcher {
    const connection = generation.connect();
    this.#open.add(connection);
    // Closed by the server, or idle for too long.
    connection.on('disconnect', () => {
      const idle = generation.idle[purpose];
      const index = idle.indexOf(connection);
      if (index < 0) return;
      idle.splice(index, 1);
      this.#close(connection);
    });
    return connection;
  }

  #close(connection: Dispatcher): void {
    // Not within its own callbacks.
    queueMicrotask(() => {
      const forget = () => this.#open.delete(connection);
      connection.destroy().then(forget, forget);
    });
  }

  #connector(credentials: ResolvedCredentials): () => Dispatcher {
    const tls = {
      ...credentials.tls,
      allowH2: false,
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    };
    const options = {
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      // Every request has its own deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    const uri = this.#proxyUrl;
    if (uri === undefined) {
      // One connector for all, so that they share TLS sessions.
      const connect = buildConnector(tls);
      return () => new Client(this.#origin, { ...options, connect });
    }
    return () =>
      new ProxyAgent({
        ...options,
        connections: 1,
        uri,
        requestTls: tls,
        connectTimeout: CONNECT_TIMEOUT_MS,
        factory: (origin, given) => new Client(origin, { ...given, ...options }),
      });
  }
}
