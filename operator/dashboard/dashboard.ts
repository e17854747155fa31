import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LiveStreams, type LiveStreamsOptions } from './live-streams.ts';
import type { PageFile, PageFiles } from './page-file.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/** Options of the dashboard, a page for browsers on the same machine. */
export interface DashboardOptions {
  /** Port on the loopback interface; 0 chooses a free one. */
  port: number;
  /** Files of the page. It receives changes from `/events/<plural>` and `/events/<plural>/<key>`, see LiveStreams. */
  files: PageFiles;
  /** Most pages open at once. Default 20. */
  maxViewers?: number;
}

/** The only address it listens on, because there is no login. */
const LOOPBACK = '127.0.0.1';
const EVENTS = '/events/';
/** Most connections in addition to those of viewers. */
const OTHER_CONNECTIONS = 64;

/** The browser loads nothing from other origins, runs no inline script, and shows this page in no frame. */
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

/** Serves a live page of the objects in an operator's caches. It reads nothing else and writes nothing. */
export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #streams: LiveStreams;
  readonly #server: Server;

  /** @param about returns the state of the operator; the version of the page and the time are added */
  constructor(options: DashboardOptions, { sources, about, onFailure }: Omit<LiveStreamsOptions, 'maxViewers'>) {
    this.#options = options;
    this.#files = new Map(Object.entries(options.files));
    const page = createHash('sha256').update(JSON.stringify(options.files)).digest('hex').slice(0, 12);
    this.#streams = new LiveStreams({
      sources,
      about: () => ({ ...about(), page, time: new Date().toISOString() }),
      maxViewers: options.maxViewers,
      onFailure,
    });
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** How many pages are open. */
  get viewers(): number {
    return this.#streams.viewers;
  }

  /** Sends the state of the operator to every viewer. */
  tellAbout(): void {
    this.#streams.tellAbout();
  }

  /** Recomputes all views, for example after the caches have synced. */
  refresh(): void {
    this.#streams.refresh();
  }

  /** Starts listening. @returns the port @throws Error if the port is taken */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: this.#options.port, host: LOOPBACK }, resolve);
    });
    this.#server.maxConnections = (this.#options.maxViewers ?? 0) + OTHER_CONNECTIONS;
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and closes all connections. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer({ url = '/', method = 'GET', headers }: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const path = url.replace(/[?#].*$/, '');
    const file = this.#files.get(path);
    const refusal = refusalOf(method, headers);
    if (refusal) {
      if (refusal.status === 405) response.setHeader('allow', 'GET, HEAD');
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
