import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Logger, silentLogger } from '../log/logger.ts';
import { HttpListener, readAddress } from '../serving/http-listener.ts';
import type { Protection } from '../serving/protection.ts';
import type { SecureServing } from '../serving/secure-serving.ts';
import { LiveStreams, type LiveStreamsOptions } from './live-streams.ts';
import type { PageFile, PageFiles } from './page-file.ts';
import { exposedRefusalOf, type Refusal, refusalOf } from './refusal.ts';

/** A dashboard that others than this machine can reach. */
export interface ExposedDashboard extends SecureServing {
  /** Such as `:8443`. */
  address: string;
}

/** Options of the dashboard, which an operator serves to browsers. It needs `port`, `exposed` or both. */
export interface DashboardOptions {
  /** Port on the loopback interface, without authentication; 0 for any free one. Default: not served there. */
  port?: number;
  /**
   * Serves it beyond this machine, to users who may `get` the nonResourceURL `/dashboard`. A browser asks for a password, which is the
   * token; a proxy may send it as a bearer token. Default: not served there.
   */
  exposed?: ExposedDashboard;
  /** The page. It receives changes from `/events/<plural>` and `/events/<plural>/<key>`, see LiveStreams. */
  files: PageFiles;
  /** Most open pages. Default 20. */
  maxViewers?: number;
}

/** The only address it listens on without authentication. */
const LOOPBACK = '127.0.0.1';
/** The nonResourceURL that stands for the page and its streams. */
const RESOURCE = '/dashboard';
/** How often the token of an open page beyond this machine is reviewed again, in milliseconds: a lost right closes it. */
const RECHECK_MS = 60_000;
const EVENTS = '/events/';
/** Connections allowed in addition to those of viewers. */
const OTHER_CONNECTIONS = 64;

/** Only resources of this server are loaded, no text becomes script, and no other site may embed the page. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** How a dashboard is served. */
export interface DashboardServing {
  /** Of the exposed address, which it needs. */
  protection?: Protection | undefined;
  logger?: Logger;
  /** How often tokens of open pages are reviewed again, in milliseconds. Default a minute. */
  recheckMs?: number;
}

/** Serves a page that shows an operator's caches, live. It reads nothing else and writes nothing. */
export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #streams: LiveStreams;
  readonly #local: HttpListener | undefined;
  readonly #exposed: HttpListener | undefined;
  readonly #protection: Protection | undefined;
  readonly #recheckMs: number;

  /**
   * @param about the state of the operator; the version of the page and the time are added
   * @throws TypeError if it is exposed without a protection
   */
  constructor(
    options: DashboardOptions,
    { sources, about, onFailure }: Omit<LiveStreamsOptions, 'maxViewers'>,
    { protection, logger = silentLogger, recheckMs = RECHECK_MS }: DashboardServing = {},
  ) {
    const { port, exposed, files, maxViewers } = options;
    if (exposed && !protection) throw new TypeError('an exposed dashboard needs a protection');
    this.#options = options;
    this.#protection = protection;
    this.#recheckMs = recheckMs;
    this.#files = new Map(Object.entries(files));
    const page = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 12);
    this.#streams = new LiveStreams({
      sources,
      about: () => ({ ...about(), page, time: new Date().toISOString() }),
      maxViewers,
      onFailure,
    });
    const maxConnections = (maxViewers ?? 0) + OTHER_CONNECTIONS;
    if (port !== undefined) {
      const handler = (request: IncomingMessage, response: ServerResponse) => this.#answerLocal(request, response);
      this.#local = new HttpListener(handler, { logger, maxConnections });
    }
    if (exposed) {
      const handler = (request: IncomingMessage, response: ServerResponse) =>
        void this.#answerExposed(request, response);
      this.#exposed = new HttpListener(handler, { certificate: protection?.certificate, logger, maxConnections });
    }
  }

  /** How many pages are open. */
  get viewers(): number {
    return this.#streams.viewers;
  }

  /** Sends the state of the operator to every viewer. */
  sendAbout(): void {
    this.#streams.sendAbout();
  }

  /** Compares all resources again, for example when the caches have been filled. */
  refresh(): void {
    this.#streams.refresh();
  }

  /** The port on the loopback interface, once it listens there. */
  get localPort(): number | undefined {
    return this.#local?.port;
  }

  /** The port beyond this machine, once it listens there. */
  get exposedPort(): number | undefined {
    return this.#exposed?.port;
  }

  /**
   * Listens.
   *
   * @returns the port: on the loopback interface if it is served there, otherwise the one beyond
   * @throws Error if a port is in use, the exposed address is invalid, or its certificate cannot be read
   */
  async listen(): Promise<number> {
    const { port = 0, exposed } = this.#options;
    if (exposed) await this.#exposed?.listen(readAddress(exposed.address, 'the dashboard'));
    await this.#local?.listen({ port, host: LOOPBACK });
    const opened = this.localPort ?? this.exposedPort;
    if (opened === undefined) throw new TypeError('the dashboard needs a port or an exposed address');
    return opened;
  }

  /** Stops listening and closes open connections. */
  async close(): Promise<void> {
    await Promise.all([this.#local, this.#exposed].map((listener) => listener?.close()));
  }

  #answerLocal(request: IncomingMessage, response: ServerResponse): void {
    this.#answer(request, response, refusalOf(request.method ?? 'GET', request.headers));
  }

  async #answerExposed(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request;
    const review = async () => this.#protection?.guard.refusal(headers, RESOURCE);
    const recheck = async () => {
      if (await review()) response.end();
    };
    // Streams last as long as their page is open; all other answers end before.
    const timer = setInterval(() => void recheck(), this.#recheckMs).unref();
    let gone = false;
    response.on('close', () => {
      gone = true;
      clearInterval(timer);
    });
    const refused = exposedRefusalOf(method, headers) ?? (await review());
    // A stream of a client that left during the review would never end.
    if (!gone) this.#answer(request, response, refused);
  }

  #answer(
    { url = '/', method = 'GET' }: IncomingMessage,
    response: ServerResponse,
    refusal: (Refusal & { challenge?: string }) | undefined,
  ): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const path = url.replace(/[?#].*$/, '');
    const file = this.#files.get(path);
    if (refusal) {
      if (refusal.status === 405) response.setHeader('allow', 'GET, HEAD');
      if (refusal.challenge) response.setHeader('www-authenticate', refusal.challenge);
      end(response, refusal);
    } else if (path.startsWith(EVENTS)) {
      this.#events(path.slice(EVENTS.length), method, response);
    } else if (file) {
      response.writeHead(200, { 'content-type': file.contentType, 'cache-control': 'no-cache' }).end(file.body);
    } else {
      end(response, NOT_FOUND);
    }
  }

  #events(topic: string, method: string, response: ServerResponse): void {
    const { full } = this.#streams;
    if (method === 'HEAD') end(response, { status: 200, message: '' });
    else if (full) end(response, { status: 503, message: full });
    else if (!this.#streams.open(topic, response)) end(response, NOT_FOUND);
  }
}

const NOT_FOUND: Refusal = { status: 404, message: 'not found' };

function end(response: ServerResponse, { status, message }: Refusal): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}
