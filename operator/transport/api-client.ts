import type { KubernetesObject } from '../kubernetes-object.ts';
import { type ResourceType, resourcePath } from '../resource/resource-type.ts';
import type {
  ApiClientOptions,
  ApiRequest,
  ApplyOptions,
  ByteStream,
  CallOptions,
  DeleteOptions,
  JsonPatchOperation,
  ListOptions,
  ListPage,
  PatchOptions,
  Query,
  StreamRequest,
  WriteOptions,
} from './api-client-types.ts';
import { ApiError, isGone } from './api-error.ts';
import { retryDelayMs } from './backoff.ts';
import { ByteQueue } from './byte-queue.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Credentials, type ResolvedCredentials } from './credentials.ts';
import { type Exchange, type ResponseHeaders, startExchange } from './exchange.ts';
import { type Logger, silentLogger } from './logger.ts';
import { requestName } from './request-name.ts';
import { RequestScope } from './request-scope.ts';
import { type AttemptFailure, isIdempotent, MAX_ATTEMPTS, retryDecision } from './retry-policy.ts';
import { Semaphore } from './semaphore.ts';
import { sleep } from './sleep.ts';
import { TransportError } from './transport-error.ts';

const JSON_TYPE = 'application/json';
const APPLY_TYPE = 'application/apply-patch+yaml';
const MERGE_TYPE = 'application/merge-patch+json';
const JSON_PATCH_TYPE = 'application/json-patch+json';
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
const PAGE_LIMIT = 500;
/** A list whose continue token expires is begun again so often before the caller hears of it. */
const MAX_LIST_RESTARTS = 3;

interface Answer {
  status: number;
  headers: ResponseHeaders;
  text: string;
}

/**
 * The way to one API server: raw JSON over kept-alive connections, with a deadline on everything, patience when the
 * server asks for it, and credentials that may change while we run.
 *
 * All calls reject with ApiError when the server says no, with TransportError when there is no answer, and with the
 * signal's reason when their signal aborts.
 */
export class ApiClient {
  readonly #origin: string;
  /** Path prefix of the server URL, as behind a proxy; without a slash at its end. */
  readonly #prefix: string;
  readonly #credentials: Credentials;
  readonly #pool: ConnectionPool;
  readonly #places: Semaphore;
  readonly #userAgent: string;
  readonly #timeoutMs: number;
  readonly #logger: Logger;
  readonly #onRequest: NonNullable<ApiClientOptions['onRequest']>;
  readonly #scopes = new Set<RequestScope>();
  readonly #streams = new Set<Exchange>();
  #closed: Error | undefined;

  /** @throws Error when the kubeconfig names no cluster */
  constructor(options: ApiClientOptions) {
    const { kubeConfig } = options;
    this.#credentials = new Credentials(kubeConfig, options.credentialsTtlMs ?? 30_000);
    const cluster = kubeConfig.getCurrentCluster();
    const url = new URL(cluster?.server ?? '');
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, '');
    this.#pool = new ConnectionPool(url.origin, cluster?.proxyUrl);
    this.#places = new Semaphore(options.maxConcurrentRequests ?? 16);
    this.#userAgent = options.userAgent;
    this.#timeoutMs = options.requestTimeoutMs ?? 15_000;
    this.#logger = options.logger ?? silentLogger;
    this.#onRequest = options.onRequest ?? (() => {});
  }

  /** The API server's URL. */
  get serverUrl(): string {
    return this.#origin + this.#prefix;
  }

  /** One request, raw: JSON in, JSON out. Retried within its deadline where that is safe, see retryDecision(). */
  async request<T = unknown>(request: ApiRequest): Promise<T> {
    const scope = this.#scope(request.method, request.path, request.timeoutMs ?? this.#timeoutMs, request.signal);
    try {
      const answer = await this.#untilAnswered(request, scope);
      return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
    } finally {
      scope.end();
      this.#scopes.delete(scope);
    }
  }

  /**
   * A GET whose body is read as it comes (a watch). Takes none of the places of other requests, and is never retried:
   * what to do when a watch ends is the caller's decision.
   */
  async stream(request: StreamRequest): Promise<ByteStream> {
    const { path, connectTimeoutMs = 15_000 } = request;
    const scope = this.#scope('GET', path, connectTimeoutMs, request.signal);
    try {
      for (let refused = false; ; refused = true) {
        const credentials = await this.#currentCredentials(scope);
        const opened = await this.#open(request, scope, credentials);
        if (!(opened instanceof ApiError)) return opened;
        if (opened.status !== 401 || refused) throw opened;
        this.#credentials.refresh(credentials);
      }
    } finally {
      scope.end();
      this.#scopes.delete(scope);
    }
  }

  /** Reads one object. */
  get<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    options: CallOptions & { subresource?: string } = {},
  ): Promise<T> {
    const { subresource, ...call } = options;
    return this.request({ method: 'GET', path: resourcePath(type, namespace, name, subresource), ...call });
  }

  /** All objects, read page by page. Starts over when the pages expire midway, so an object may come twice. */
  async *list<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    options: ListOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    for (let restarts = 0; ; restarts++) {
      try {
        for await (const { items } of this.listPages<T>(type, options)) yield* items;
        return;
      } catch (error) {
        if (!isGone(error) || restarts === MAX_LIST_RESTARTS) throw error;
      }
    }
  }

  /** All objects page by page, as of one moment. @throws ApiError 410 when the server has forgotten that moment midway */
  async *listPages<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    options: ListOptions = {},
  ): AsyncGenerator<ListPage<T>, void, undefined> {
    const { namespace, labelSelector, fieldSelector, limit = PAGE_LIMIT, metadataOnly, timeoutMs, signal } = options;
    const path = resourcePath(type, namespace);
    let next: string | undefined;
    do {
      const query: Query = { labelSelector, fieldSelector, limit, continue: next };
      const accept = metadataOnly ? METADATA_ONLY : JSON_TYPE;
      const page = await this.request<{ metadata: { resourceVersion: string; continue?: string }; items?: T[] }>({
        method: 'GET',
        path,
        query,
        accept,
        timeoutMs,
        signal,
      });
      yield { items: page.items ?? [], resourceVersion: page.metadata.resourceVersion };
      next = page.metadata.continue || undefined;
    } while (next !== undefined);
  }

  /** Creates an object. @throws ApiError 409 when there is one of that name */
  create<T extends KubernetesObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const { dryRun, fieldManager, ...call } = options;
    const path = resourcePath(type, object.metadata?.namespace);
    return this.request({ method: 'POST', path, query: writeQuery(fieldManager, dryRun), body: object, ...call });
  }

  /** Server-side apply: the object holds the fields we own and nothing else. */
  apply<T extends KubernetesObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T> {
    const { fieldManager, force, dryRun, subresource, ...call } = options;
    const { namespace, name } = object.metadata ?? {};
    const path = resourcePath(type, namespace, name ?? '', subresource);
    const query = { ...writeQuery(fieldManager, dryRun), force };
    return this.request({ method: 'PATCH', path, query, body: object, contentType: APPLY_TYPE, ...call });
  }

  /** JSON merge patch (RFC 7386). */
  mergePatch<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#patch(type, namespace, name, patch, MERGE_TYPE, options);
  }

  /** JSON patch (RFC 6902). */
  jsonPatch<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: readonly JsonPatchOperation[],
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#patch(type, namespace, name, patch, JSON_PATCH_TYPE, options);
  }

  /** Deletes an object. @throws ApiError 404 when it is gone, 409 when the uid or resourceVersion is another's */
  async delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, dryRun, ...call } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy,
      gracePeriodSeconds,
      dryRun: dryRun ? ['All'] : undefined,
      preconditions: uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion },
    };
    await this.request({ method: 'DELETE', path: resourcePath(type, namespace, name), body, ...call });
  }

  /**
   * Ends everything: what is under way may finish until the deadline, then fails; no new call is taken.
   * @param deadlineMs milliseconds; default 0: nothing is waited for
   */
  async close({ deadlineMs = 0 } = {}): Promise<void> {
    this.#closed ??= new Error(`the client of ${this.serverUrl} has been closed`);
    const end = Date.now() + deadlineMs;
    while (this.#scopes.size > 0 && Date.now() < end) await sleep(Math.min(10, end - Date.now()));
    for (const scope of this.#scopes) scope.abort(this.#closed);
    for (const stream of this.#streams) stream.abort(this.#closed);
    await this.#pool.destroy();
  }

  #patch<T>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    body: unknown,
    contentType: string,
    options: PatchOptions,
  ): Promise<T> {
    const { subresource, fieldManager, dryRun, ...call } = options;
    const path = resourcePath(type, namespace, name, subresource);
    return this.request({ method: 'PATCH', path, query: writeQuery(fieldManager, dryRun), body, contentType, ...call });
  }

  #scope(method: string, path: string, timeoutMs: number, signal: AbortSignal | undefined): RequestScope {
    if (this.#closed !== undefined) throw this.#closed;
    const scope = new RequestScope({ method, path, server: this.serverUrl, timeoutMs, signal });
    this.#scopes.add(scope);
    return scope;
  }

  async #untilAnswered(request: ApiRequest, scope: RequestScope): Promise<Answer> {
    const { method, path, retry: mode = 'auto' } = request;
    const idempotent = isIdempotent(request, mode);
    let refused = false;
    for (let attempt = 1; ; attempt++) {
      let credentials: ResolvedCredentials | undefined;
      let failure: AttemptFailure;
      let error: unknown;
      try {
        credentials = await this.#currentCredentials(scope);
        const answer = await this.#attempt(request, scope, credentials);
        if (answer.status < 300) return answer;
        const retryAfterSeconds = readRetryAfter(answer.headers);
        const refusal = new ApiError({ status: answer.status, method, path, body: answer.text, retryAfterSeconds });
        error = refusal;
        failure = { kind: 'answer', ...pick(refusal) };
      } catch (thrown) {
        scope.signal.throwIfAborted();
        if (!(thrown instanceof TransportError)) throw thrown;
        error = thrown;
        failure = { kind: 'no-answer', fate: thrown.fate };
      }
      if (failure.kind === 'answer' && failure.status === 401 && credentials && !refused && mode !== 'never') {
        // A token may have been rotated a moment ago. The server did nothing with the request.
        refused = true;
        this.#credentials.refresh(credentials);
        continue;
      }
      const decision = retryDecision(failure, idempotent, mode);
      if (decision === 'give-up' || (decision === 'retry' && attempt >= MAX_ATTEMPTS)) throw error;
      const delayMs = retryDelayMs(attempt, failure.kind === 'answer' ? failure.retryAfterSeconds : undefined);
      // Waiting beyond the deadline would only hide what the server said.
      if (delayMs >= scope.remainingMs()) throw error;
      scope.previous = error instanceof Error ? error.message : String(error);
      scope.phase = 'waiting to try again';
      this.#logger.debug('request is tried again', { method, path, attempt, delayMs: Math.round(delayMs) });
      await sleep(delayMs, scope.signal);
    }
  }

  async #currentCredentials(scope: RequestScope): Promise<ResolvedCredentials> {
    scope.phase = 'getting credentials';
    return untilAborted(this.#credentials.current(), scope.signal);
  }

  /** One attempt, from queueing to the last byte of the answer. */
  async #attempt(request: ApiRequest, scope: RequestScope, credentials: ResolvedCredentials): Promise<Answer> {
    const queuedAt = performance.now();
    scope.phase = 'waiting for a free place among the concurrent requests';
    await this.#places.acquire(scope.signal);
    const sentAt = performance.now();
    let code = 'network';
    try {
      const answer = await this.#exchange(request, scope, credentials);
      code = String(answer.status);
      return answer;
    } catch (error) {
      if (error instanceof TransportError && error.timedOut) code = 'timeout';
      else if (scope.signal.aborted) code = 'aborted';
      throw error;
    } finally {
      this.#places.release();
      this.#observe(request, code, sentAt, sentAt - queuedAt);
    }
  }

  #exchange(request: ApiRequest, scope: RequestScope, credentials: ResolvedCredentials): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status = 0;
      let headers: ResponseHeaders = {};
      scope.phase = 'connecting';
      const body = request.body === undefined ? null : JSON.stringify(request.body);
      const contentType = body === null ? undefined : (request.contentType ?? JSON_TYPE);
      const onAbort = () => exchange.abort(scope.signal.reason);
      const finish = () => scope.signal.removeEventListener('abort', onAbort);
      const exchange = startExchange(
        this.#pool.dispatcher(credentials),
        {
          origin: this.#origin,
          method: request.method,
          path: this.#prefix + withQuery(request.path, request.query),
          headers: this.#headers(credentials, request.accept, contentType),
          body,
        },
        {
          onSent: () => {
            scope.phase = 'waiting for the answer';
            scope.fate = 'unknown';
          },
          onHeaders: (answered, answeredHeaders) => {
            scope.phase = 'reading the answer';
            status = answered;
            headers = answeredHeaders;
          },
          onData: (chunk) => chunks.push(chunk),
          onEnd: () => {
            finish();
            scope.fate = 'not-sent';
            resolve({ status, headers, text: Buffer.concat(chunks).toString('utf8') });
          },
          onError: (error) => {
            finish();
            reject(scope.signal.aborted ? scope.signal.reason : scope.error(describe(error), error));
          },
        },
      );
      scope.signal.addEventListener('abort', onAbort, { once: true });
      if (scope.signal.aborted) onAbort();
    });
  }

  /** Opens a stream: resolves when the response headers are there, with the error if they say no. */
  #open(request: StreamRequest, scope: RequestScope, credentials: ResolvedCredentials): Promise<ApiError | ByteStream> {
    return new Promise((resolve, reject) => {
      const { path, query, signal, deadlineMs, idleTimeoutMs } = request;
      const openedAt = performance.now();
      const observe = (code: string) => this.#observe({ method: 'GET', path, query }, code, openedAt, 0);
      const refusal: Buffer[] = [];
      let status = 0;
      let timers: NodeJS.Timeout[] = [];
      let idle: NodeJS.Timeout | undefined;
      let stage: 'opening' | 'refused' | 'open' = 'opening';
      const queue = new ByteQueue({ pause: () => exchange.pause(), resume: () => exchange.resume() });

      const giveUp = (what: string) => exchange.abort(scope.error(what, undefined, true));
      const touch = () => {
        if (idleTimeoutMs === undefined) return;
        clearTimeout(idle);
        idle = setTimeout(() => giveUp(`the stream was silent for ${idleTimeoutMs} ms`), idleTimeoutMs);
      };
      const onOpening = () => exchange.abort(scope.signal.reason);
      const onSignal = () => exchange.abort(signal?.reason);
      const finish = () => {
        for (const timer of timers) clearTimeout(timer);
        timers = [];
        clearTimeout(idle);
        scope.signal.removeEventListener('abort', onOpening);
        signal?.removeEventListener('abort', onSignal);
        this.#streams.delete(exchange);
      };
      const open = () => {
        // From here on the deadline of opening no longer counts.
        scope.signal.removeEventListener('abort', onOpening);
        stage = 'open';
        if (deadlineMs !== undefined) {
          timers.push(
            setTimeout(() => giveUp(`the stream went on beyond its deadline of ${deadlineMs} ms`), deadlineMs),
          );
        }
        touch();
        const close = () => {
          queue.discard();
          exchange.abort(new Error('the stream was closed'));
        };
        const stream: ByteStream = { status, close, [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator]() };
        observe(String(status));
        resolve(stream);
      };

      const exchange = startExchange(
        this.#pool.dispatcher(credentials),
        {
          origin: this.#origin,
          method: 'GET',
          path: this.#prefix + withQuery(path, query),
          headers: this.#headers(credentials, request.accept, undefined),
          body: null,
        },
        {
          onSent: () => {
            scope.phase = 'waiting for the answer';
          },
          onHeaders: (answered) => {
            status = answered;
            if (answered < 300) open();
            else stage = 'refused';
          },
          onData: (chunk) => {
            if (stage === 'refused') refusal.push(chunk);
            else {
              touch();
              queue.push(chunk);
            }
          },
          onEnd: () => {
            finish();
            if (stage === 'open') {
              queue.end();
              return;
            }
            observe(String(status));
            const body = Buffer.concat(refusal).toString('utf8');
            resolve(new ApiError({ status, method: 'GET', path, body }));
          },
          onError: (error) => {
            finish();
            const known = error instanceof TransportError || error === this.#closed || error === signal?.reason;
            const reason = known ? error : scope.error(describe(error), error);
            if (stage === 'open') {
              queue.end(reason);
              return;
            }
            observe(error instanceof TransportError && error.timedOut ? 'timeout' : 'network');
            reject(reason);
          },
        },
      );
      this.#streams.add(exchange);
      scope.phase = 'connecting';
      scope.signal.addEventListener('abort', onOpening, { once: true });
      signal?.addEventListener('abort', onSignal, { once: true });
      if (scope.signal.aborted) onOpening();
    });
  }

  #headers(
    credentials: ResolvedCredentials,
    accept: string | undefined,
    contentType: string | undefined,
  ): Record<string, string> {
    const headers = { ...credentials.headers, 'user-agent': this.#userAgent, accept: accept ?? JSON_TYPE };
    return contentType === undefined ? headers : { ...headers, 'content-type': contentType };
  }

  #observe(
    { method, path, query, contentType }: Pick<ApiRequest, 'method' | 'path' | 'query' | 'contentType'>,
    code: string,
    sentAt: number,
    queuedMs: number,
  ): void {
    const name = requestName(method, path, query?.watch !== undefined, contentType);
    const durationSeconds = (performance.now() - sentAt) / 1000;
    this.#onRequest({ ...name, code, durationSeconds, queuedSeconds: queuedMs / 1000 });
  }
}

function withQuery(path: string, query: Query | undefined): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  }
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}

function writeQuery(fieldManager: string | undefined, dryRun: boolean | undefined): Query {
  return { fieldManager, dryRun: dryRun ? 'All' : undefined };
}

function pick({ status, reason, retryAfterSeconds }: ApiError) {
  return { status, reason, retryAfterSeconds };
}

/** Retry-After in seconds; a date is legal there too. */
function readRetryAfter(headers: ResponseHeaders): number | undefined {
  const header = headers['retry-after'];
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** What a network error says: undici's own message, or of several tried addresses the first one's. */
function describe(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  if (!(first instanceof Error)) return String(first);
  const { code } = first as { code?: string };
  return code && !first.message.includes(code) ? `${first.message} (${code})` : first.message;
}

/** The promise's outcome, or the signal's reason if that comes first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
