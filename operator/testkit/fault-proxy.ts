import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { PastCollection } from './past-collection.ts';
import { type ProxiedRequest, resourceOf } from './proxied-request.ts';

export type { ProxiedRequest } from './proxied-request.ts';

/** What a gateway answers in place of JSON when a session has ended. */
const LOGIN_PAGE = '<!doctype html><html><title>Sign in</title><body><form>Sign in to go on</form></body></html>\n';

/** What a rule does to a request. Counts of lines are lines of a watch's answer, each one event. */
export type Fault =
  /** Answer in the server's place. The body defaults to a fitting Status. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string }
  /** Answer 200 with a page for people, as a gateway does that wants somebody to sign in. */
  | { kind: 'login-page' }
  /** Kill the connection; the server never sees the request. */
  | { kind: 'cut-before' }
  /** Let the server carry the request out, then kill the connection instead of answering. */
  | { kind: 'cut-after-commit' }
  /** Take the request and never answer; the server never sees it. */
  | { kind: 'black-hole' }
  /** Wait, then pass it through. */
  | { kind: 'delay'; ms: number }
  /** Pass on that many lines, then kill the connection. */
  | { kind: 'cut-after-lines'; lines: number }
  /** Pass on that many lines, then nothing more; the connection stays open. */
  | { kind: 'stall-after-lines'; lines: number }
  /** Pass on that many lines, then end the answer properly. */
  | { kind: 'end-after-lines'; lines: number }
  /** End the answer properly after a time, passing on what came until then unless `silent`. */
  | { kind: 'end-after-ms'; ms: number; silent?: boolean }
  /** Change, drop (null) or multiply (array) lines. A line is given and returned without its newline. */
  | { kind: 'rewrite-lines'; rewrite: (line: string, index: number) => string | string[] | null }
  /** Pass the answer on in chunks of that many bytes. */
  | { kind: 'chop'; bytes: number }
  /**
   * A half-open connection: the status and headers come through, then nothing more, and nobody notices. Streams that are open
   * when the rule is added go dead as well. A dead stream stays dead after the rule is gone, as a connection does that a router
   * has forgotten.
   */
  | { kind: 'half-open' }
  /**
   * A server that is behind: lists and streaming lists are answered by `past`, watches are silent from then on; both end when the
   * rule is removed. Streams that are open when the rule is added are cut. Other requests come through.
   */
  | { kind: 'past'; past: PastCollection };

export interface FaultRule {
  match: (request: ProxiedRequest) => boolean;
  fault: Fault;
  /** How many requests it fires on; default: every one, until removed. */
  times?: number;
  /** After so many milliseconds it is removed by itself. */
  forMs?: number;
}

/** A rule in force. */
export interface ActiveRule {
  /** How often it has fired. */
  readonly fired: number;
  remove(): void;
}

/** What has come through. */
export interface ProxyCounters {
  /** Connections opened by clients since the start. */
  connections: number;
  /** Connections open now, and the most there were at once. */
  open: number;
  maxOpen: number;
  requests: number;
}

export interface FaultProxyOptions {
  /** Added to each request's User-Agent, by which the server's audit log tells this proxy's clients from others. */
  userAgentSuffix?: string;
}

/** The answer to a client while the server is still sending it. */
interface OpenStream {
  request: ProxiedRequest;
  socket: Socket;
  /** Nothing is passed on any more. */
  dead: boolean;
}

/**
 * Starts a reverse proxy in front of an API server which passes everything through unless a rule fires: for the faults a real
 * server cannot be made to show.
 *
 * Clients talk plain HTTP to it on 127.0.0.1; it talks to the server with the credentials of `upstream` whoever the client is.
 * To see recoveries with exactly the rights an operator ships, give it the operator's own credentials.
 *
 * @param upstream a kubeconfig of the real server, such as the administrator's or that of a ServiceAccount.
 */
export async function startFaultProxy(upstream: KubeConfig, settings: FaultProxyOptions = {}): Promise<FaultProxy> {
  const cluster = upstream.getCurrentCluster();
  if (cluster === null) throw new Error('the fault proxy needs a kubeconfig with a current cluster');
  const options: RequestOptions = {};
  await upstream.applyToHTTPSOptions(options);
  const proxy = new FaultProxy(new URL(cluster.server), options, settings);
  await proxy.listen();
  return proxy;
}

/** A running proxy. Made by {@link startFaultProxy}. */
export class FaultProxy implements AsyncDisposable {
  readonly counters: ProxyCounters = { connections: 0, open: 0, maxOpen: 0, requests: 0 };
  /** Every request in order of arrival, with the status passed on (0: none yet, or none at all). */
  readonly log: (ProxiedRequest & { status: number })[] = [];
  readonly #upstream: URL;
  readonly #upstreamOptions: RequestOptions;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #settings: FaultProxyOptions;
  readonly #rules = new Set<FaultRule & { fired: number }>();
  readonly #sockets = new Map<Socket, number>();
  readonly #streams = new Set<OpenStream>();
  #port = 0;

  /** Use {@link startFaultProxy}. */
  constructor(upstream: URL, options: RequestOptions, settings: FaultProxyOptions = {}) {
    this.#upstream = upstream;
    this.#settings = settings;
    const { ca, cert, key, rejectUnauthorized, servername, headers } = options as RequestOptions & {
      servername?: string;
    };
    this.#upstreamOptions = { headers };
    this.#agent = new Agent({ keepAlive: true, ca, cert, key, rejectUnauthorized, servername });
    this.#server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) =>
      this.#handle(request, response),
    );
    this.#server.on('connection', (socket) => {
      const counters = this.counters;
      counters.connections += 1;
      counters.open += 1;
      counters.maxOpen = Math.max(counters.maxOpen, counters.open);
      this.#sockets.set(socket, counters.connections);
      socket.on('close', () => {
        counters.open -= 1;
        this.#sockets.delete(socket);
      });
      socket.on('error', () => undefined);
    });
  }

  /** Opens the port; called once, by {@link startFaultProxy}. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Whether clients can connect. */
  get isOpen(): boolean {
    return this.#server.listening;
  }

  /** The server is away for this proxy's clients: kills every connection and refuses new ones until {@link open}. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.killConnections();
    await closed;
  }

  /** Lets clients in again, at the same address. @throws Error when another process has taken the port meanwhile */
  async open(): Promise<void> {
    if (!this.isOpen) await this.listen();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** A kubeconfig of this proxy. */
  get kubeConfig(): KubeConfig {
    return this.kubeConfigFor({});
  }

  /** A kubeconfig of this proxy for a user with fields of his own (token, authProvider, exec, …), which rules can look at. */
  kubeConfigFor(user: Record<string, unknown>): KubeConfig {
    const config = new KubeConfig();
    // Without skipTLSVerify client-node refuses plain HTTP.
    config.loadFromClusterAndUser({ name: 'proxy', server: this.url, skipTLSVerify: true }, { name: 'proxy', ...user });
    return config;
  }

  /** Adds a rule. Of several that match, the one added first fires. */
  rule(rule: FaultRule): ActiveRule {
    const active = { ...rule, fired: 0 };
    this.#rules.add(active);
    if (rule.fault.kind === 'half-open') {
      for (const stream of this.#streams) stream.dead ||= rule.match(stream.request);
    }
    if (rule.fault.kind === 'past') this.cutStreams(rule.match);
    let timer: NodeJS.Timeout | undefined;
    const remove = () => {
      clearTimeout(timer);
      if (!this.#rules.delete(active)) return;
      // A server that was behind has caught up: nothing it said is worth waiting for.
      if (rule.fault.kind === 'past') this.cutStreams(rule.match);
    };
    if (rule.forMs !== undefined) timer = setTimeout(remove, rule.forMs).unref();
    return {
      get fired() {
        return active.fired;
      },
      remove,
    };
  }

  clearRules(): void {
    this.#rules.clear();
  }

  /** Kills every connection of clients that is open now. */
  killConnections(): void {
    for (const socket of this.#sockets.keys()) socket.resetAndDestroy();
  }

  /** Kills the connections on which an answer to such a request is under way, mostly a watch's. */
  cutStreams(match: FaultRule['match']): void {
    for (const { request, socket } of this.#streams) if (match(request)) socket.resetAndDestroy();
  }

  /** Requests whose answers are under way, mostly watches. */
  get openStreams(): ProxiedRequest[] {
    return [...this.#streams].map(({ request }) => request);
  }

  /**
   * Reads collections as they are now, for a `past` fault later: each that is watched through this proxy at the moment and
   * matches, with the watch's own selectors and as the proxy's own user.
   *
   * @throws Error when none is watched or the server refuses
   */
  async record(match: FaultRule['match']): Promise<PastCollection> {
    const stream = [...this.#streams].find(({ request }) => request.watch && match(request));
    if (!stream) throw new Error('no matching watch is open through the proxy: start one before record()');
    const { path, query, headers } = stream.request;
    const asked = new URLSearchParams(query);
    asked.delete('resourceVersion');
    asked.set('timeoutSeconds', '1');
    asked.set('sendInitialEvents', 'true');
    asked.set('resourceVersionMatch', 'NotOlderThan');
    const upstream = httpsRequest(new URL(`${path}?${asked}`, this.#upstream), {
      headers: {
        accept: headers.accept ?? 'application/json',
        ...(this.#upstreamOptions.headers as Record<string, string> | undefined),
      },
      agent: this.#agent,
    });
    upstream.end();
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    const text = (await readAll(answer)).toString();
    if (answer.statusCode !== 200) throw new Error(`recording ${path}: ${answer.statusCode} ${text.slice(0, 200)}`);
    return PastCollection.of(text.split('\n').filter((line) => line !== ''));
  }

  async stop(): Promise<void> {
    this.clearRules();
    await this.close();
    this.#agent.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const watch = ['true', '1'].includes(url.searchParams.get('watch') ?? '');
    const method = request.method ?? 'GET';
    const seen = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      watch,
      connection: this.#sockets.get(request.socket) ?? 0,
      ...resourceOf(method, url.pathname, watch),
      status: 0,
    };
    this.counters.requests += 1;
    this.log.push(seen);
    response.on('error', () => undefined);
    try {
      const body = await readAll(request);
      const fault = this.#faultFor(seen);
      switch (fault?.kind) {
        case 'answer': {
          seen.status = fault.status;
          const text = fault.body ?? JSON.stringify(statusOf(fault.status));
          response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(text);
          return;
        }
        case 'login-page':
          seen.status = 200;
          response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(LOGIN_PAGE);
          return;
        case 'past':
          if (this.#answerFromPast(seen, request, response, fault.past)) return;
          break;
        case 'cut-before':
          request.socket.resetAndDestroy();
          return;
        case 'black-hole':
          return;
        case 'delay':
          await new Promise((resolve) => setTimeout(resolve, fault.ms));
      }
      await this.#forward(request, body, response, seen, fault);
    } catch {
      // The server is away, or one side has hung up.
      request.socket.destroy();
    }
  }

  /** @returns false for a request that is neither a list nor a watch */
  #answerFromPast(
    seen: ProxiedRequest & { status: number },
    request: IncomingMessage,
    response: ServerResponse,
    past: PastCollection,
  ): boolean {
    if (seen.verb !== 'list' && seen.verb !== 'watch') return false;
    seen.status = 200;
    response.writeHead(200, { 'content-type': 'application/json' });
    if (seen.verb === 'list') {
      response.end(past.list);
      return true;
    }
    response.flushHeaders();
    if (seen.query.get('sendInitialEvents') === 'true') response.write(past.initialEvents);
    this.#track(seen, request.socket, response);
    return true;
  }

  #track(request: ProxiedRequest, socket: Socket, response: ServerResponse): OpenStream {
    const stream: OpenStream = { request, socket, dead: false };
    this.#streams.add(stream);
    response.on('close', () => this.#streams.delete(stream));
    return stream;
  }

  #faultFor(request: ProxiedRequest): Fault | undefined {
    for (const rule of this.#rules) {
      if (rule.fired >= (rule.times ?? Number.POSITIVE_INFINITY) || !rule.match(request)) continue;
      rule.fired += 1;
      return rule.fault;
    }
    return undefined;
  }

  async #forward(
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    seen: ProxiedRequest & { status: number },
    fault: Fault | undefined,
  ): Promise<void> {
    const {
      authorization: _dropped,
      host: _host,
      connection: _connection,
      'transfer-encoding': _encoding,
      ...headers
    } = request.headers;
    const upstream = httpsRequest(new URL(request.url ?? '/', this.#upstream), {
      method: request.method,
      headers: {
        ...headers,
        ...(this.#settings.userAgentSuffix && {
          'user-agent': `${headers['user-agent'] ?? ''} ${this.#settings.userAgentSuffix}`,
        }),
        ...(this.#upstreamOptions.headers as Record<string, string> | undefined),
        'content-length': body.byteLength,
      },
      agent: this.#agent,
    });
    // Only a half-read answer: what is complete has given its connection back already.
    response.on('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    upstream.end(body);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    seen.status = answer.statusCode ?? 0;
    if (fault?.kind === 'cut-after-commit') {
      await readAll(answer);
      request.socket.resetAndDestroy();
      return;
    }
    const { connection: _hop, ...answerHeaders } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, answerHeaders);
    response.flushHeaders();
    const stream = this.#track(seen, request.socket, response);
    stream.dead = fault?.kind === 'half-open';
    const cut = () => {
      upstream.destroy();
      request.socket.resetAndDestroy();
    };
    const end = () => {
      response.end();
      upstream.destroy();
    };
    if (fault?.kind === 'end-after-ms') setTimeout(end, fault.ms).unref();
    try {
      await this.#pipe(answer, response, fault, { cut, end }, stream);
    } catch {
      // The real server cut the stream: so do we, unless nothing comes through any more.
      if (!stream.dead) cut();
    }
  }

  async #pipe(
    answer: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
    stop: { cut: () => void; end: () => void },
    stream: OpenStream,
  ) {
    switch (fault?.kind) {
      case 'cut-after-lines':
      case 'stall-after-lines':
      case 'end-after-lines': {
        let lines = 0;
        const finish = () => {
          if (fault.kind === 'cut-after-lines') stop.cut();
          else if (fault.kind === 'end-after-lines') stop.end();
        };
        if (fault.lines > 0) {
          for await (const line of linesOf(answer)) {
            response.write(`${line}\n`);
            lines += 1;
            if (lines < fault.lines) continue;
            // Let the last line reach the client before the connection dies.
            setTimeout(finish, 5);
            // Keep reading, so that the server does not notice.
            for await (const _ of answer);
            return;
          }
          response.end();
          return;
        }
        finish();
        for await (const _ of answer);
        return;
      }
      case 'rewrite-lines': {
        let index = 0;
        for await (const line of linesOf(answer)) {
          const rewritten = fault.rewrite(line, index++);
          for (const out of Array.isArray(rewritten) ? rewritten : rewritten === null ? [] : [rewritten])
            response.write(`${out}\n`);
        }
        response.end();
        return;
      }
      case 'chop':
        for await (const chunk of answer as AsyncIterable<Buffer>) {
          for (let start = 0; start < chunk.byteLength; start += fault.bytes) {
            response.write(chunk.subarray(start, start + fault.bytes));
            // Small writes in one turn of the event loop would be joined again.
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
        response.end();
        return;
      case 'end-after-ms':
        for await (const chunk of answer) if (!fault.silent && !response.writableEnded) response.write(chunk);
        if (!response.writableEnded) response.end();
        return;
      default:
        for await (const chunk of answer) if (!stream.dead) response.write(chunk);
        if (!stream.dead) response.end();
    }
  }
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  // Not by for-await over the stream itself: leaving that loop early would destroy the stream.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
      pending = [];
      start = end + 1;
    }
    if (start < chunk.byteLength) pending.push(chunk.subarray(start));
  }
}

function statusOf(code: number): object {
  const reasons: Record<number, string> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Expired',
    422: 'Invalid',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'injected by the fault proxy',
    reason: reasons[code] ?? '',
    code,
  };
}
