import type { FaultPlayer } from './faults.ts';
import { type Hop, hopHeaders, hopsIn, uniqueHops } from './hops.ts';
import { HttpError } from './http-error.ts';
import type { Request, Response } from './http-port.ts';
import type { Log } from './log.ts';
import { Metrics } from './metrics.ts';
import { BUDGET } from './next-component.ts';
import { readBody } from './read-body.ts';
import { matchPath, type Route, type RouteAnswer } from './route.ts';
import type { Settings } from './settings.ts';
import { traceHeadersIn } from './trace-context.ts';
import type { Tracing } from './tracing.ts';

/** Time to answer a request from outside, in milliseconds. */
const OWN_BUDGET_MS = 5_000;

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
};

interface Parts {
  log: Log;
  tracing: Tracing;
  faults: FaultPlayer;
}

interface Answered {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Answers the requests to a component: its routes, and /health, /version and /metrics, which every component has. */
export class Application {
  readonly #settings: Settings;
  readonly #own: Hop;
  readonly #routes: readonly Route[];
  readonly #parts: Parts;
  readonly #metrics = new Metrics();

  constructor(settings: Settings, routes: readonly Route[], parts: Parts) {
    const { component, version, pod } = settings;
    this.#settings = settings;
    this.#own = { component, version, pod };
    this.#routes = routes;
    this.#parts = parts;
  }

  /** Answers a request. Never rejects. */
  async serve(request: Request, response: Response): Promise<void> {
    const startedAt = performance.now();
    const { method = 'GET', url = '/' } = request;
    const { pathname: path, searchParams: query } = new URL(`http://shop${url.startsWith('/') ? url : '/'}`);
    const common = await this.#common(method, path);
    const route = common
      ? path
      : (this.#routes.find((one) => matchPath(one.path, path) !== undefined)?.path ?? 'other');
    const answer = common ?? (await this.#traced(request, method, path, route, query, startedAt));
    const body = Buffer.from(answer.body);
    if (!response.destroyed) {
      // The two kinds of response declare the same method differently.
      (response as { writeHead(status: number, headers: object): unknown }).writeHead(answer.status, {
        'cache-control': 'no-store',
        ...answer.headers,
        'content-length': body.length,
      });
      (response as { end(body?: Buffer): unknown }).end(method === 'HEAD' ? undefined : body);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    this.#metrics.observe(method, route, answer.status, seconds);
    if (this.#settings.debug) this.#parts.log('Answered', { method, path, status: answer.status, seconds });
  }

  /** What every component answers by itself. */
  async #common(method: string, path: string): Promise<Answered | undefined> {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const { component, version, pod } = this.#own;
    if (path === '/version') return this.#json(200, { component, version, pod });
    if (path === '/health') {
      const { ready } = this.#parts.faults;
      return this.#json(ready ? 200 : 503, { status: ready ? 'ok' : 'starting', component, version });
    }
    if (path !== '/metrics') return undefined;
    const headers = { 'content-type': this.#metrics.contentType, ...hopHeaders([this.#own]) };
    return { status: 200, headers, body: await this.#metrics.text() };
  }

  async #traced(
    request: Request,
    method: string,
    path: string,
    route: string,
    query: URLSearchParams,
    startedAt: number,
  ): Promise<Answered> {
    const attributes = { 'http.request.method': method, 'http.route': route, 'url.path': path };
    const span = this.#parts.tracing.server(`${method} ${route}`, traceHeadersIn(request.headers), attributes);
    const asked = Number(request.headers[BUDGET] ?? OWN_BUDGET_MS);
    const deadline = startedAt + (asked > 0 ? Math.min(asked, OWN_BUDGET_MS) : OWN_BUDGET_MS);
    let answer: Answered;
    try {
      const body = await readBody(request);
      if (await this.#parts.faults.failsRequest()) throw new HttpError(500, 'Failing as FAIL_PERCENT demands');
      const found = this.#find(method, path);
      const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
      const scope = { span, deadline };
      answer = this.#answer(await found.route.handle({ path, id: found.id, query, contentType, body, scope }));
    } catch (error) {
      answer = this.#failure(error);
    }
    span.set({ 'http.response.status_code': answer.status });
    span.end(answer.status >= 500 ? `status ${answer.status}` : undefined);
    return answer;
  }

  #find(method: string, path: string): { route: Route; id: string } {
    const { component, next } = this.#settings;
    if (component !== 'repository' && !next) {
      throw new HttpError(503, `The ${component} has nothing to call: enable the component behind it in the RestAPI`);
    }
    const fitting = this.#routes.filter((route) => matchPath(route.path, path) !== undefined);
    const route = fitting.find((one) => one.method === (method === 'HEAD' ? 'GET' : method));
    if (route) return { route, id: matchPath(route.path, path) ?? '' };
    if (fitting.length === 0) throw new HttpError(404, `The ${component} has no path ${path}`);
    const allow = fitting.map((one) => one.method).join(', ');
    throw new HttpError(405, `${path} does not allow ${method}: use ${allow}`, { headers: { allow } });
  }

  #answer({ status = 200, headers = {}, json, page, hops = hopsIn(json) }: RouteAnswer): Answered {
    const all = uniqueHops([this.#own, ...hops]);
    if (page) return { status, headers: { ...PAGE_HEADERS, ...headers, ...hopHeaders(all) }, body: page(all).text };
    if (json) return this.#json(status, json, hops, headers);
    return { status, headers: { ...headers, ...hopHeaders(all) }, body: '' };
  }

  #failure(error: unknown): Answered {
    if (!(error instanceof HttpError)) {
      const { message, stack } = error as Error;
      this.#parts.log('Could not answer a request', { error: message, stack });
      return this.#json(500, { error: 'Internal error: see the log of the pod' });
    }
    const { problems, headers, hops } = error.details;
    return this.#json(error.status, { error: error.message, problems }, hops, headers);
  }

  #json(status: number, body: object, hops: readonly Hop[] = [], headers: Record<string, string> = {}): Answered {
    const all = uniqueHops([this.#own, ...hops]);
    return {
      status,
      headers: { 'content-type': 'application/json', ...headers, ...hopHeaders(all) },
      body: `${JSON.stringify({ ...body, hops: all })}\n`,
    };
  }
}
