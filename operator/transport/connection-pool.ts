import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { ResolvedCredentials } from './credentials.ts';

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

/**
 * The connections to one API server: HTTP/1.1, one request at a time on each, reused.
 *
 * HTTP/2 is not used on purpose: all requests and watches would share one TCP connection, and one lost packet
 * or one slow reader would hold up all of them.
 */
export class ConnectionPool {
  readonly #origin: string;
  readonly #proxyUrl: string | undefined;
  readonly #maxRequests: number;
  #current: { fingerprint: string; dispatchers: Record<Purpose, Dispatcher> } | undefined;
  readonly #retiring = new Set<Dispatcher>();

  /**
   * @param proxyUrl http, https or socks5 proxy to go through (`proxy-url` of the kubeconfig).
   * @param maxRequests most connections for requests; each stream has one of its own besides.
   */
  constructor(origin: string, proxyUrl: string | undefined, maxRequests: number) {
    this.#origin = origin;
    this.#maxRequests = maxRequests;
    this.#proxyUrl = proxyUrl;
  }

  /** The dispatcher for these credentials. New TLS settings mean new connections; the old ones finish what they carry. */
  dispatcher(credentials: ResolvedCredentials, purpose: Purpose): Dispatcher {
    if (this.#current?.fingerprint !== credentials.tlsFingerprint) {
      this.#retire();
      this.#current = {
        fingerprint: credentials.tlsFingerprint,
        dispatchers: {
          // Freed a turn of the event loop after its answer: without a limit here the next request would open another one.
          requests: this.#create(credentials, this.#maxRequests),
          streams: this.#create(credentials, null),
        },
      };
    }
    return this.#current.dispatchers[purpose];
  }

  /** Close every connection now; what they carry fails. */
  async destroy(): Promise<void> {
    const all = [...this.#retiring, ...Object.values(this.#current?.dispatchers ?? {})];
    this.#current = undefined;
    await Promise.allSettled(all.map((dispatcher) => dispatcher.destroy()));
  }

  #retire(): void {
    for (const old of Object.values(this.#current?.dispatchers ?? {})) {
      this.#retiring.add(old);
      const forget = () => this.#retiring.delete(old);
      old.close().then(forget, forget);
    }
  }

  #create(credentials: ResolvedCredentials, connections: number | null): Dispatcher {
    const connect = {
      ...credentials.tls,
      timeout: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    };
    const options = {
      connections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      // Every request has a deadline of its own.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    if (this.#proxyUrl === undefined) return new Pool(this.#origin, { ...options, connect });
    return new ProxyAgent({ ...options, uri: this.#proxyUrl, requestTls: connect, connectTimeout: CONNECT_TIMEOUT_MS });
  }
}
