import { abortable } from '../async/abortable.ts';
import { checkDelay } from '../async/check-delay.ts';
import { sleep } from '../async/sleep.ts';
import { within } from '../async/within.ts';
import { type Logger, silentLogger } from '../log/logger.ts';
import { isJsonType } from './answer-shape.ts';
import type {
  ApiClientOptions,
  ApiRequest,
  ByteStream,
  LaneOptions,
  Query,
  StreamRequest,
} from './api-client-types.ts';
import { ApiError } from './api-error.ts';
import { type AttemptParts, makeAttempt } from './attempt.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Credentials, type ResolvedCredentials } from './credentials.ts';
import type { OutgoingRequest } from './exchange.ts';
import { FairPlaces } from './fair-places.ts';
import { jsonBody } from './json-body.ts';
import { JSON_TYPE } from './media-types.ts';
import { openStream } from './open-stream.ts';
import { proxyFromEnvironment } from './proxy-from-environment.ts';
import { apiErrorOf, type Check, codeOf, isSuccess, readAnswer } from './read-answer.ts';
import { requestName } from './request-name.ts';
import { RequestScope } from './request-scope.ts';
import { type AttemptFailure, isIdempotent, MAX_ATTEMPTS, retryDecision, retryDelayMs } from './retry-policy.ts';
import { type Answer, causeOf } from './send.ts';
import { serverUrl } from './server-url.ts';
import { TransportError } from './transport-error.ts';

/** An attempt that would have less time left than this share of the deadline, and than this time, is not made, milliseconds. */
const SHORTEST_ATTEMPT_SHARE = 0.1;
const SHORTEST_ATTEMPT_MS = 1_000;

/** Sends the requests of an ApiClient: credentials, slots, connections, retries, deadlines. */
export class RequestSender {
  readonly options: ApiClientOptions;
  /** The server's address as in the kubeconfig. */
  readonly serverUrl: string;

  readonly #origin: string;
  /** Path before /api and /apis, for servers behind a path (`https://host/k8s/clusters/x`). */
  readonly #basePath: string;
  readonly #requestTimeoutMs: number;
  readonly #credentials: Credentials;
  readonly #parts: AttemptParts;
  readonly #logger: Logger;
  readonly #inFlight = new Set<RequestScope>();
  readonly #parent: RequestSender | undefined;
  readonly #lanes = new Set<RequestSender>();
  #onIdle: (() => void) | undefined;
  #closed = false;

  /**
   * @param parent the one this is a lane of; use lane()
   * @throws Error when the kubeconfig has no current cluster, or its server or a proxy variable is not a valid URL
   */
  constructor(options: ApiClientOptions, parent?: RequestSender) {
    const url = serverUrl(options.kubeConfig);
    const cluster = options.kubeConfig.getCurrentCluster();
    this.options = options;
    this.#parent = parent;
    this.#credentials =
      parent === undefined
        ? new Credentials(options.kubeConfig, options.credentialsTtlMs ?? 30_000, options.execTimeoutMs ?? 60_000)
        : parent.#credentials;
    this.serverUrl = url.href.replace(/\/$/, '');
    this.#origin = url.origin;
    this.#basePath = url.pathname.replace(/\/$/, '');
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 15_000;
    this.#logger = options.logger ?? silentLogger;
    this.#parts = {
      pool: new ConnectionPool(url.origin, cluster?.proxyUrl || proxyFromEnvironment(url)),
      places: new FairPlaces({ places: options.maxConcurrentRequests ?? 16 }),
      mayWrite: options.mayWrite ?? (() => true),
      onRequest: options.onRequest,
    };
  }

  /** Creates a sender with slots and connections of its own, see ApiClient.lane(). */
  lane({ maxConcurrentRequests, mayWrite = this.options.mayWrite }: LaneOptions): RequestSender {
    const lane = new RequestSender({ ...this.options, maxConcurrentRequests, mayWrite }, this);
    if (this.#closed) lane.#closed = true;
    this.#lanes.add(lane);
    return lane;
  }

  /** Sends a request and returns its answer, retrying as retryDecision() decides. @param check of the parsed body */
  async call<T>(request: ApiRequest, check: Check): Promise<T> {
    const { method, path } = request;
    const mode = request.retry ?? 'auto';
    const contentType = request.contentType ?? JSON_TYPE;
    const idempotent = isIdempotent({ method, contentType, body: request.body }, mode);
    const outgoing: Omit<OutgoingRequest, 'headers'> = {
      origin: this.#origin,
      method,
      path: this.#pathOf(path, request.query),
      body: request.body === undefined ? null : jsonBody(request.body),
    };
    const accept = request.accept ?? JSON_TYPE;
    const headers: Record<string, string> = { accept, 'user-agent': this.options.userAgent };
    if (outgoing.body !== null) headers['content-type'] = contentType;

    const scope = this.#begin(method, path, request.timeoutMs ?? this.#requestTimeoutMs, request.signal);
    try {
      let refreshed = false;
      for (let attempt = 1; ; attempt++) {
        let failure: AttemptFailure;
        let answered: Answer | undefined;
        let error: ApiError | TransportError;
        const credentials = await this.#credentialsFor(scope);
        try {
          const { answer, value } = await makeAttempt(this.#parts, {
            scope,
            outgoing: { ...outgoing, headers: { ...headers, ...credentials.headers } },
            credentials,
            contentType,
            readAnswer: (read) => readAnswer(read, isJsonType(accept), check, scope),
          });
          if (isSuccess(answer)) return value as T;
          answered = answer;
          // Answered: what this attempt sent was not carried out, or the status says so.
          scope.fate = 'not-sent';
          error = apiErrorOf(answer, scope);
          failure = {
            kind: 'answer',
            status: error.status,
            reason: error.reason,
            retryAfterSeconds: error.retryAfterSeconds,
          };
        } catch (thrown) {
          if (scope.signal.aborted || !(thrown instanceof TransportError)) throw thrown;
          error = thrown;
          failure = { kind: 'no-answer', fate: thrown.fate };
        }

        if (error instanceof ApiError && error.status === 401 && !refreshed && mode !== 'never') {
          // The credentials may just have expired or been rotated. A request refused for them was not carried out.
          refreshed = true;
          this.#credentials.refresh(credentials);
          continue;
        }
        const decision = retryDecision(failure, idempotent, mode);
        if (decision === 'fail' || (decision === 'retry' && attempt >= MAX_ATTEMPTS)) throw error;
        await this.#pause(scope, attempt, error, answered);
      }
    } finally {
      this.#end(scope);
    }
  }

  /** Opens a streaming GET, see ApiClient.stream(). */
  async stream(request: StreamRequest): Promise<ByteStream> {
    const { path } = request;
    const { anyStatus = false } = request;
    const name = requestName('GET', path, !anyStatus);
    const connectTimeoutMs = request.connectTimeoutMs ?? 15_000;
    const scope = this.#begin('GET', path, connectTimeoutMs, request.signal, () => this.#end(scope));
    try {
      for (let refreshed = false; ; refreshed = true) {
        const credentials = await this.#credentialsFor(scope);
        const headers = {
          accept: request.accept ?? JSON_TYPE,
          'user-agent': this.options.userAgent,
          ...credentials.headers,
        };
        const outgoing: OutgoingRequest = {
          origin: this.#origin,
          method: 'GET',
          path: this.#pathOf(path, request.query),
          headers,
          body: null,
        };
        const started = performance.now();
        const observe = (code: string) =>
          this.#parts.onRequest?.({
            method: 'GET',
            ...name,
            code,
            durationSeconds: (performance.now() - started) / 1000,
            queuedSeconds: 0,
          });
        try {
          const { deadlineMs, idleTimeoutMs } = request;
          const limits = { connectTimeoutMs, deadlineMs, idleTimeoutMs, anyStatus };
          const stream = await openStream(
            (sent, listener) => this.#parts.pool.start(credentials, 'streams', sent, listener),
            outgoing,
            scope,
            limits,
          );
          observe(String(stream.status));
          return stream;
        } catch (error) {
          observe(codeOf(error));
          if (!(error instanceof ApiError && error.status === 401) || refreshed || scope.signal.aborted) throw error;
          this.#credentials.refresh(credentials);
        }
      }
    } catch (error) {
      scope.end();
      throw error;
    }
  }

  /** Aborts everything in flight and closes all connections, see ApiClient.close(). */
  async close({ deadlineMs = 5_000 }: { deadlineMs?: number }): Promise<void> {
    this.#closed = true;
    if (this.#parent !== undefined) this.#parent.#lanes.delete(this);
    const lanes = [...this.#lanes].map((lane) => lane.close({ deadlineMs }));
    if (this.#parent === undefined) this.#credentials.close();
    for (const scope of this.#inFlight) scope.abort(scope.error('the client was closed'));
    const idle = new Promise<void>((resolve) => {
      if (this.#inFlight.size === 0) resolve();
      else this.#onIdle = resolve;
    });
    await within(Promise.all([idle, this.#parts.pool.destroy(), ...lanes]), deadlineMs);
  }

  /** Pauses before the next attempt. @throws the error of the last one if no further attempt fits into the deadline */
  async #pause(
    scope: RequestScope,
    failedAttempts: number,
    error: ApiError | TransportError,
    answered: Answer | undefined,
  ): Promise<void> {
    const { method, path } = scope;
    const requestedS = error instanceof ApiError ? error.retryAfterSeconds : undefined;
    const delayMs = retryDelayMs(failedAttempts, requestedS);
    // Do not wait past the deadline, nor send a request that cannot be answered in time.
    const neededMs = Math.min(SHORTEST_ATTEMPT_MS, scope.timeoutMs * SHORTEST_ATTEMPT_SHARE);
    if (delayMs + neededMs >= scope.remainingMs()) {
      if (answered === undefined || requestedS === undefined) throw error;
      throw apiErrorOf(answered, scope, `Retry-After of ${requestedS} s exceeds the deadline of ${scope.timeoutMs} ms`);
    }
    this.#logger.debug('Retrying request', { method, path, retryInMs: Math.round(delayMs), reason: error.message });
    scope.previous = error instanceof ApiError ? `returned ${error.status}` : causeOf(error.cause ?? error);
    scope.phase = 'waiting to retry';
    await sleep(delayMs, scope.signal);
  }

  async #credentialsFor(scope: RequestScope): Promise<ResolvedCredentials> {
    scope.phase = 'getting credentials';
    scope.credentialsSource = this.#credentials.source;
    if (scope.signal.aborted) throw scope.signal.reason;
    const known = this.#credentials.cached();
    if (known !== undefined) return known;
    const resolved = this.#credentials.current().catch((error) => {
      throw scope.error(`no credentials: ${causeOf(error)}`, error);
    });
    // An exec plugin may hang: the deadline counts here, too.
    return abortable(resolved, scope.signal);
  }

  #pathOf(path: string, query: Query | undefined): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) parameters.set(name, String(value));
    }
    const text = parameters.toString();
    return `${this.#basePath}${path}${text === '' ? '' : `?${text}`}`;
  }

  #begin(
    method: string,
    path: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    onEnd?: () => void,
  ): RequestScope {
    checkDelay(timeoutMs, `${method} ${path}: timeoutMs`);
    const scope = new RequestScope({ method, path, server: this.serverUrl, timeoutMs, signal, onEnd });
    if (this.#closed) scope.abort(scope.error('the client is closed'));
    this.#inFlight.add(scope);
    return scope;
  }

  #end(scope: RequestScope): void {
    scope.end();
    this.#inFlight.delete(scope);
    if (this.#inFlight.size === 0) this.#onIdle?.();
  }
}
