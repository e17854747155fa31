import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { LOGIN_PAGE, statusOf } from './canned-answers.ts';
import type { ActiveRule, Fault, FaultProxyOptions, FaultRule, ProxyCounters } from './fault.ts';
import { type OpenStream, pipeWithFault, readAll } from './faulty-stream.ts';
import type { PastCollection } from './past-collection.ts';
import { freePorts } from './ports.ts';
import { type ProxiedRequest, resourceOf } from './proxied-request.ts';
import { recordCollection } from './record-collection.ts';
import { Upstream } from './upstream.ts';

export type { ActiveRule, Fault, FaultRule } from './fault.ts';
export type { ProxiedRequest } from './proxied-request.ts';

/**
 * Starts a reverse proxy in front of an API server that passes everything through unless a rule fires. It produces faults that
 * a real server does not show on demand.
 *
 * Clients talk plain HTTP to it on 127.0.0.1; it talks to the server with the credentials of `upstream`, whoever the client is.
 * To test recovery with exactly the rights an operator has in production, pass the operator's own credentials.
 * @param upstream a kubeconfig of the real server, such as the administrator's or that of a ServiceAccount
 */
export async function startFaultProxy(upstream: KubeConfig, settings: FaultProxyOptions = {}): Promise<FaultProxy> {
  const cluster = upstream.getCurrentCluster();
  if (cluster === null) throw new Error('the fault proxy needs a kubeconfig with a current cluster');
  const options: RequestOptions = {};
  await upstream.applyToHTTPSOptions(options);
  const proxy = new FaultProxy(new Upstream(new URL(cluster.server), options, settings.userAgentSuffix));
  await proxy.listen();
  return proxy;
}

/**
 * A running proxy, from {@link startFaultProxy}.
 *
 * @example
 * ```ts
 * await using proxy = await startFaultProxy(cluster.kubeConfig);
 * proxy.rule({ match: requests({ plural: 'pods', verb: 'watch' }), fault: { kind: 'half-open' } });
 * const client = new ApiClient({ kubeConfig: proxy.kubeConfig });
 * ```
 */
export class FaultProxy implements AsyncDisposable {
  readonly counters: ProxyCounters = { connections: 0, open: 0, maxOpen: 0, requests: 0 };
  /** Every request in order of arrival, with the status passed on (0: none yet, or none at all). */
  readonly log: (ProxiedRequest & { status: number })[] = [];
  readonly #upstream: Upstream;
  readonly #server: Server;
  readonly #rules = new Set<FaultRule & { fired: number }>();
  readonly #sockets = new Map<Socket, number>();
  readonly #streams = new Set<OpenStream>();
  #port = 0;

  /** Use {@link startFaultProxy}. */
  constructor(upstream: Upstream) {
    this.#upstream = upstream;
    this.#server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) =>
      this.#handle(request, response),
    );
    this.#server.on('connection', (socket) => {
      const { counters } = this;
      counters.connections += 1;
      counters.maxOpen = Math.max(counters.maxOpen, ++counters.open);
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
    // Not one that the system chooses: while the proxy is closed, any outgoing connection could take that.
    if (this.#port === 0) [this.#port = 0] = await freePorts(1);
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Whether clients can connect. */
  get isOpen(): boolean {
    return this.#server.listening;
  }

  /** Makes the server unreachable for the proxy's clients: kills every connection and refuses new ones until {@link open}. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.killConnections();
    await closed;
  }

  /** Accepts clients again, at the same address. @throws Error when another process has taken the port in the meantime */
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

  /** A kubeconfig of this proxy for a user with additional fields (token, authProvider, exec, …), which rules can match. */
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
      // The server has caught up: its silent watches end.
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

  /** Resets the connections with an answer to a matching request in progress, mostly watches. */
  cutStreams(match: FaultRule['match']): void {
    for (const { request, socket } of this.#streams) if (match(request)) socket.resetAndDestroy();
  }

  /** Requests whose answers are in progress, mostly watches. */
  get openStreams(): ProxiedRequest[] {
    return [...this.#streams].map(({ request }) => request);
  }

  /**
   * Records the current state of the matching collection for a later `past` fault. A watch of it must be open through this
   * proxy; the collection is read with the watch's selectors and the proxy's credentials.
   *
   * @throws Error when none is watched or the server refuses
   */
  async record(match: FaultRule['match']): Promise<PastCollection> {
    const stream = [...this.#streams].find(({ request }) => request.watch && match(request));
    if (!stream) throw new Error('no matching watch is open through the proxy: start one before record()');
    return recordCollection(this.#upstream, stream.request);
  }

  async stop(): Promise<void> {
    this.clearRules();
    await this.close();
    this.#upstream.close();
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
      // The server is unreachable, or one side has closed the connection.
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
    const upstream = this.#upstream.forward(request, body.byteLength);
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
      await pipeWithFault(answer, response, fault, { cut, end }, stream);
    } catch {
      // The real server cut the stream, so the proxy does, unless the stream is dead.
      if (!stream.dead) cut();
    }
  }
}
