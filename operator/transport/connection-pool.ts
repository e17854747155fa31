import { buildConnector, Client, type Dispatcher, ProxyAgent } from 'undici';
import type { ResolvedCredentials } from './credentials.ts';
import { type Exchange, type ExchangeListener, type OutgoingRequest, startExchange } from './exchange.ts';

/** How long one attempt to connect may take, milliseconds: well below a request's deadline, so that a second attempt fits in. */
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * How long an idle connection is kept, milliseconds. kube-apiserver closes idle connections after 90 s, load balancers
 * often after 60 s: closing first avoids writing into a connection the other side is just closing.
 */
const KEEP_ALIVE_MS = 30_000;
/** First TCP keep-alive probe on a silent connection, milliseconds: finds a dead peer of a quiet watch. */
const TCP_KEEP_ALIVE_MS = 30_000;

/** What a connection is for: answers that end soon, or streams that last. */
export type Purpose = 'requests' | 'streams';

/** Connections with the same TLS settings. */
interface Generation {
  fingerprint: string;
  connect: () => Dispatcher;
  /** Connected, or about to be closed, and carrying nothing; the last used one last. */
  idle: Record<Purpose, Dispatcher[]>;
}

/**
 * The connections to one API server: HTTP/1.1, one request at a time on each, reused.
 *
 * There are as many as there were exchanges under way at the same moment in the last 30 s, never more: an exchange takes
 * the connection that was used last, or opens one, and gives it back when its answer has ended. One whose exchange failed
 * or was given up is closed. How many exchanges there may be is up to the caller; none waits for another here.
 *
 * HTTP/2 is not used on purpose: all requests and watches would share one TCP connection, and one lost packet
 * or one slow reader would hold up all of them.
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

  /** Starts an exchange on a connection of its own. New TLS settings mean new connections; the old ones finish what they carry. */
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
        // Whatever state it is in, it is not to be trusted with another request.
        this.#close(connection);
        listener.onError(error);
      },
    });
  }

  /** Close every connection now; what they carry fails. */
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
    // Not from within its own callbacks.
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
      // Every request has a deadline of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    const uri = this.#proxyUrl;
    if (uri === undefined) {
      // One for all, so that they share their TLS sessions.
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
