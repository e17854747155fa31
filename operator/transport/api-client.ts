import { checkDelay } from '../async/check-delay.ts';
import { sleep } from '../async/sleep.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { type Logger, silentLogger } from '../log/logger.ts';
import { type ResourceType, resourcePath } from '../resource/resource-type.ts';
import { contentTypeForMessage, isJsonType, listProblem, objectProblem, type WireList } from './answer-shape.ts';
import type {
  ApiClientOptions,
  ApiRequest,
  ApplyOptions,
  ByteStream,
  CallOptions,
  DeleteOptions,
  JsonPatchOperation,
  LaneOptions,
  ListOptions,
  ListPage,
  PatchOptions,
  Query,
  RequestObservation,
  StreamRequest,
  WriteOptions,
} from './api-client-types.ts';
import { ApiError, isGone } from './api-error.ts';
import { retryDelayMs } from './backoff.ts';
import { ConnectionPool } from './connection-pool.ts';
import { Credentials, type ResolvedCredentials } from './credentials.ts';
import type { OutgoingRequest } from './exchange.ts';
import { FairPlaces } from './fair-places.ts';
import { openStream } from './open-stream.ts';
import { proxyFromEnvironment } from './proxy-from-environment.ts';
import { requestFlow, requestName } from './request-name.ts';
import { RequestScope } from './request-scope.ts';
import { retryAfterSeconds } from './retry-after.ts';
import { type AttemptFailure, isIdempotent, MAX_ATTEMPTS, retryDecision } from './retry-policy.ts';
import { type Answer, causeOf, send } from './send.ts';
import { serverUrl } from './server-url.ts';
import { TransportError } from './transport-error.ts';
import { UnexpectedAnswerError } from './unexpected-answer-error.ts';
import { WriteRefusedError } from './write-refused-error.ts';

const JSON_TYPE = 'application/json';
const APPLY_TYPE = 'application/apply-patch+yaml';
const PAGE_SIZE = 500;
/** A continue token lives for minutes: a list that loses it so often is better fetched in one piece. */
const PAGING_TRIES = 3;
/** An attempt with less time left than this share of the deadline, and than so much, is not begun, milliseconds. */
const SHORTEST_ATTEMPT_SHARE = 0.1;
const SHORTEST_ATTEMPT_MS = 1_000;

/** Checks the parsed body of a 2xx answer. @returns what is wrong with it, undefined where nothing is */
type Check = (answer: unknown) => string | undefined;

/**
 * Accept headers for metadata alone; servers that do not know the form answer with the whole object.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */
export const METADATA_ONLY = {
  object: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
  list: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
};

/**
 * A client of one Kubernetes API server that sends and returns raw JSON: nothing is dropped, renamed or converted.
 *
 * Every call has a deadline that covers connecting, every retry and reading the answer; retryDecision() says what is
 * tried again. Waiting for a free place has a deadline of the same length of its own, so that what is sent has its whole
 * time to be answered in. Places are fair between resources and namespaces, and slow requests give theirs back: see
 * FairPlaces. What must not share places or connections with anything else has a lane().
 *
 * Errors: ApiError when the server said no, TransportError when there was no answer, UnexpectedAnswerError (a
 * TransportError) when success was answered with something that no API server answers, such as HTML or a list without
 * items, the reason of a caller's own signal when that aborted.
 *
 * The proxy is that of the kubeconfig (`proxy-url`), else that of the environment: see proxyFromEnvironment().
 */
export class ApiClient {
  /** The server's address as in the kubeconfig, for log lines. */
  readonly serverUrl: string;

  readonly #options: ApiClientOptions;
  readonly #origin: string;
  /** Path before /api and /apis, for servers behind a path (`https://host/k8s/clusters/x`). */
  readonly #basePath: string;
  readonly #userAgent: string;
  readonly #requestTimeoutMs: number;
  readonly #credentials: Credentials;
  readonly #pool: ConnectionPool;
  readonly #places: FairPlaces;
  readonly #logger: Logger;
  readonly #mayWrite: (path: string) => boolean;
  readonly #onRequest: ((observation: RequestObservation) => void) | undefined;
  readonly #inFlight = new Set<RequestScope>();
  readonly #parent: ApiClient | undefined;
  readonly #lanes = new Set<ApiClient>();
  #onIdle: (() => void) | undefined;
  #closed = false;

  /**
   * @param parent the client that this one is a lane of; use lane().
   * @throws Error when the kubeconfig names no cluster, or its server or a variable of the environment is no address.
   */
  constructor(options: ApiClientOptions, parent?: ApiClient) {
    const url = serverUrl(options.kubeConfig);
    const cluster = options.kubeConfig.getCurrentCluster();
    this.#options = options;
    this.#parent = parent;
    this.#credentials =
      parent === undefined
        ? new Credentials(options.kubeConfig, options.credentialsTtlMs ?? 30_000, options.execTimeoutMs ?? 60_000)
        : parent.#credentials;
    this.serverUrl = url.href.replace(/\/$/, '');
    this.#origin = url.origin;
    this.#basePath = url.pathname.replace(/\/$/, '');
    this.#userAgent = options.userAgent;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 15_000;
    this.#pool = new ConnectionPool(url.origin, cluster?.proxyUrl || proxyFromEnvironment(url));
    this.#places = new FairPlaces({ places: options.maxConcurrentRequests ?? 16 });
    this.#logger = options.logger ?? silentLogger;
    this.#mayWrite = options.mayWrite ?? (() => true);
    this.#onRequest = options.onRequest;
  }

  /**
   * A client of the same server with the same credentials and options, but with places and connections of its own:
   * whatever this client or another lane is busy with, the requests of a lane do not wait for it. Credentials are asked
   * for once for all lanes. close() of this client closes its lanes; a lane may be closed before.
   */
  lane(options: LaneOptions): ApiClient {
    const { maxConcurrentRequests, mayWrite = this.#options.mayWrite } = options;
    const lane = new ApiClient({ ...this.#options, maxConcurrentRequests, mayWrite }, this);
    if (this.#closed) lane.#closed = true;
    this.#lanes.add(lane);
    return lane;
  }

  /**
   * Send one request and return its answer: parsed JSON, `undefined` where it is empty, and the text where `accept` names
   * no JSON type (`text/plain` for `/readyz`).
   *
   * Any other answer that is no JSON is an UnexpectedAnswerError. Of what kind the JSON is, is not checked here.
   */
  request<T = unknown>(request: ApiRequest): Promise<T> {
    return this.#call<T>(request, () => undefined);
  }

  async #call<T>(request: ApiRequest, check: Check): Promise<T> {
    const { method, path } = request;
    const mode = request.retry ?? 'auto';
    const contentType = request.contentType ?? JSON_TYPE;
    const idempotent = isIdempotent({ method, contentType, body: request.body }, mode);
    const outgoing: Omit<OutgoingRequest, 'headers'> = {
      origin: this.#origin,
      method,
      path: this.#pathOf(path, request.query),
      body: request.body === undefined ? null : JSON.stringify(request.body),
    };
    const accept = request.accept ?? JSON_TYPE;
    const headers: Record<string, string> = { accept, 'user-agent': this.#userAgent };
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
          const { answer, value } = await this.#attempt(
            scope,
            { ...outgoing, headers: { ...headers, ...credentials.headers } },
            credentials,
            contentType,
            (answered) => read(answered, isJsonType(accept), check, scope),
          );
          if (isSuccess(answer)) return value as T;
          answered = answer;
          // Answered: whatever was sent in this attempt is known not to have been carried out, or the status says so.
          scope.fate = 'not-sent';
          error = apiError(answer, scope);
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
          // The credentials may have expired or been rotated an instant ago. A request refused for them was not carried out.
          refreshed = true;
          this.#credentials.refresh(credentials);
          continue;
        }
        const decision = retryDecision(failure, idempotent, mode);
        if (decision === 'give-up' || (decision === 'retry' && attempt >= MAX_ATTEMPTS)) throw error;
        const delayMs = retryDelayMs(attempt, error instanceof ApiError ? error.retryAfterSeconds : undefined);
        // Waiting for a deadline that will pass meanwhile helps nobody, nor does a request that cannot be answered in time.
        const neededMs = Math.min(SHORTEST_ATTEMPT_MS, scope.timeoutMs * SHORTEST_ATTEMPT_SHARE);
        if (delayMs + neededMs >= scope.remainingMs()) {
          const askedS = error instanceof ApiError ? error.retryAfterSeconds : undefined;
          if (answered === undefined || askedS === undefined) throw error;
          throw apiError(answered, scope, `Retry-After of ${askedS} s exceeds the deadline of ${scope.timeoutMs} ms`);
        }
        this.#logger.debug('Retrying request', { method, path, retryInMs: Math.round(delayMs), reason: error.message });
        scope.previous = error instanceof ApiError ? `returned ${error.status}` : causeOf(error.cause ?? error);
        scope.phase = 'waiting to retry';
        await sleep(delayMs, scope.signal);
      }
    } finally {
      this.#end(scope);
    }
  }

  /**
   * Open a streaming GET (a watch). Resolves with the response headers; one attempt, no retries: whoever reads a
   * stream must be able to start it again anyway. Streams take none of the maxConcurrentRequests places.
   */
  async stream(request: StreamRequest): Promise<ByteStream> {
    const { path } = request;
    const name = requestName('GET', path, true);
    const connectTimeoutMs = request.connectTimeoutMs ?? 15_000;
    const scope = this.#begin('GET', path, connectTimeoutMs, request.signal, () => this.#end(scope));
    try {
      for (let refreshed = false; ; refreshed = true) {
        const credentials = await this.#credentialsFor(scope);
        const headers = { accept: request.accept ?? JSON_TYPE, 'user-agent': this.#userAgent, ...credentials.headers };
        const outgoing: OutgoingRequest = {
          origin: this.#origin,
          method: 'GET',
          path: this.#pathOf(path, request.query),
          headers,
          body: null,
        };
        const started = performance.now();
        const observe = (code: string) =>
          this.#observe({
            method: 'GET',
            ...name,
            code,
            durationSeconds: (performance.now() - started) / 1000,
            queuedSeconds: 0,
          });
        try {
          const limits = { connectTimeoutMs, deadlineMs: request.deadlineMs, idleTimeoutMs: request.idleTimeoutMs };
          const stream = await openStream(
            (sent, listener) => this.#pool.start(credentials, 'streams', sent, listener),
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

  /** Read one object. ApiError 404 when there is none: see isNotFound(). */
  get<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    options: CallOptions & { subresource?: string } = {},
  ): Promise<T> {
    const { subresource, ...call } = options;
    return this.#call<T>(
      { method: 'GET', path: resourcePath(type, namespace, name, subresource), ...call },
      objectProblem,
    );
  }

  /**
   * The objects of a kind, one by one, fetched page by page as they are asked for. All show the same moment.
   * Throws an ApiError 410 when the reader takes so long (minutes) that the server has forgotten that moment.
   */
  async *list<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    options: ListOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    for await (const page of this.listPages<T>(type, options)) yield* page.items;
  }

  /**
   * As list(), a page at a time, with the resourceVersion at which a watch may go on.
   *
   * Only an object of a kind that ends in `List`, with items (null counts as none) and a resourceVersion, is a page; all
   * else is an UnexpectedAnswerError, so that no gateway's page is ever taken for an empty collection.
   */
  async *listPages<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    options: ListOptions = {},
  ): AsyncGenerator<ListPage<T>, void, undefined> {
    const {
      namespace,
      labelSelector,
      fieldSelector,
      limit = PAGE_SIZE,
      metadataOnly = false,
      unversioned = false,
      timeoutMs,
      signal,
    } = options;
    const path = resourcePath(type, namespace);
    let next: string | undefined;
    do {
      const page = await this.#call<WireList<T>>(
        {
          method: 'GET',
          path,
          query: { labelSelector, fieldSelector, limit: limit === 0 ? undefined : limit, continue: next },
          accept: metadataOnly ? METADATA_ONLY.list : JSON_TYPE,
          timeoutMs,
          signal,
        },
        (answer) => listProblem(answer, !unversioned),
      );
      yield { items: page.items ?? [], resourceVersion: page.metadata?.resourceVersion ?? '' };
      next = page.metadata?.continue || undefined;
    } while (next !== undefined);
  }

  /**
   * The whole collection at one moment. Starts anew when the server forgets that moment between two pages (410).
   *
   * @param keep what to keep of each object, called as it arrives, so that the rest of it can be freed at once.
   */
  async listAll<T extends KubernetesObject = KubernetesObject, K = T>(
    type: ResourceType,
    options: ListOptions,
    keep: (object: T) => K,
  ): Promise<{ items: K[]; resourceVersion: string }> {
    for (let tries = 1; ; tries++) {
      const items: K[] = [];
      let resourceVersion = '';
      try {
        const limit = tries > PAGING_TRIES ? 0 : options.limit;
        for await (const page of this.listPages<T>(type, { ...options, limit })) {
          for (const item of page.items) items.push(keep(item));
          resourceVersion = page.resourceVersion;
        }
        return { items, resourceVersion };
      } catch (error) {
        if (!isGone(error) || tries > PAGING_TRIES) throw error;
      }
    }
  }

  /** Create an object; its metadata says where. ApiError 409 when the name is taken: see isAlreadyExists(). */
  create<T extends KubernetesObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const { dryRun, fieldManager, ...call } = options;
    return this.#call<T>(
      {
        method: 'POST',
        path: resourcePath(type, object.metadata?.namespace),
        query: { fieldManager, dryRun: dryRun ? 'All' : undefined },
        body: object,
        ...call,
      },
      objectProblem,
    );
  }

  /**
   * Server-side apply: say what the object should look like in the fields this manager cares for; creates it if need be.
   *
   * Put the metadata.uid of the object you mean into the body where it must exist already: 409 then, instead of a new object.
   *
   * @param object with apiVersion, kind and metadata.name; sent exactly as given.
   * @throws TypeError when the object names no kind or no name.
   */
  async apply<T extends KubernetesObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T> {
    const { fieldManager, force, dryRun, subresource, ...call } = options;
    const name = object.metadata?.name;
    if (!name || !object.apiVersion || !object.kind) {
      throw new TypeError(`apply ${type.kind} "${name ?? ''}": apiVersion, kind and metadata.name are required`);
    }
    return this.#call<T>(
      {
        method: 'PATCH',
        path: resourcePath(type, object.metadata?.namespace, name, subresource),
        query: { fieldManager, force: force ? true : undefined, dryRun: dryRun ? 'All' : undefined },
        body: object,
        contentType: APPLY_TYPE,
        ...call,
      },
      objectProblem,
    );
  }

  /** JSON merge patch (RFC 7386): null deletes a field, a list is replaced as a whole. */
  mergePatch<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#patch<T>(type, namespace, name, patch, 'application/merge-patch+json', options);
  }

  /** JSON patch (RFC 6902): a list of operations, all or none; `test` makes it conditional. */
  jsonPatch<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: readonly JsonPatchOperation[],
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#patch<T>(type, namespace, name, patch, 'application/json-patch+json', options);
  }

  /**
   * Delete one object. Resolves when the server has accepted it: with finalizers it stays for a while.
   *
   * ApiError 404 when there is none, 409 when uid or resourceVersion do not fit. Where a uid is given, a lost answer is
   * asked for again, so a 404 may mean that this very call has deleted it.
   */
  async delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions = {},
  ): Promise<void> {
    const { uid, resourceVersion, propagationPolicy, gracePeriodSeconds, dryRun, ...call } = options;
    const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
    await this.request({
      method: 'DELETE',
      path: resourcePath(type, namespace, name),
      // JSON.stringify leaves out what is undefined.
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions,
        propagationPolicy,
        gracePeriodSeconds,
        dryRun: dryRun ? ['All'] : undefined,
      },
      ...call,
    });
  }

  /**
   * Abort everything under way (its callers get a TransportError) and close all connections, those of lanes too. New
   * calls are refused. A lane leaves its parent open. Resolves when that is done, after `deadlineMs` (default 5,000) at the latest. Safe to call twice.
   */
  async close(options: { deadlineMs?: number } = {}): Promise<void> {
    this.#closed = true;
    if (this.#parent !== undefined) this.#parent.#lanes.delete(this);
    const lanes = [...this.#lanes].map((lane) => lane.close(options));
    if (this.#parent === undefined) this.#credentials.close();
    for (const scope of this.#inFlight) scope.abort(scope.error('the client was closed'));
    const idle = new Promise<void>((resolve) => {
      if (this.#inFlight.size === 0) resolve();
      else this.#onIdle = resolve;
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, options.deadlineMs ?? 5_000);
    });
    await Promise.race([Promise.all([idle, this.#pool.destroy(), ...lanes]), deadline]);
    clearTimeout(timer);
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
    return this.#call<T>(
      {
        method: 'PATCH',
        path: resourcePath(type, namespace, name, subresource),
        query: { fieldManager, dryRun: dryRun ? 'All' : undefined },
        body,
        contentType,
        ...call,
      },
      objectProblem,
    );
  }

  /** One attempt: wait for a place, send, read. The place is given back before any pause between attempts. */
  async #attempt(
    scope: RequestScope,
    outgoing: OutgoingRequest,
    credentials: ResolvedCredentials,
    contentType: string,
    readAnswer: (answer: Answer) => unknown,
  ): Promise<{ answer: Answer; value: unknown }> {
    const { method } = outgoing;
    const flow = requestFlow(method, scope.path);
    const queued = performance.now();
    const place =
      this.#places.tryAcquire(flow) ??
      (await scope.queue(this.#places.acquire(flow, scope.signal), () => this.#places.reason(flow)));
    const started = performance.now();
    let code = '';
    try {
      const refusal = () =>
        method === 'GET' || this.#mayWrite(scope.path) ? undefined : new WriteRefusedError(method, scope.path);
      const refused = refusal();
      if (refused !== undefined) throw refused;
      const answer = await send(
        (sent, listener) => this.#pool.start(credentials, 'requests', sent, listener),
        outgoing,
        scope,
        refusal,
      );
      const value = isSuccess(answer) ? readAnswer(answer) : undefined;
      code = String(answer.status);
      return { answer, value };
    } catch (error) {
      code = codeOf(error);
      throw error;
    } finally {
      place.release();
      if (this.#onRequest !== undefined) {
        this.#observe({
          method,
          ...requestName(method, scope.path, false, contentType),
          code,
          durationSeconds: (performance.now() - started) / 1000,
          queuedSeconds: (started - queued) / 1000,
        });
      }
    }
  }

  async #credentialsFor(scope: RequestScope): Promise<ResolvedCredentials> {
    scope.phase = 'getting credentials';
    scope.credentialsSource = this.#credentials.source;
    if (scope.signal.aborted) throw scope.signal.reason;
    const known = this.#credentials.cached();
    if (known !== undefined) return known;
    // An exec plugin may hang: the deadline counts here, too.
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(scope.signal.reason);
      scope.signal.addEventListener('abort', onAbort, { once: true });
      this.#credentials
        .current()
        .then(resolve, (error) => reject(scope.error(`no credentials: ${causeOf(error)}`, error)))
        .finally(() => {
          scope.signal.removeEventListener('abort', onAbort);
        });
    });
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

  #observe(observation: RequestObservation): void {
    this.#onRequest?.(observation);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ApiError) return String(error.status);
  if (error instanceof UnexpectedAnswerError) return 'unexpected';
  if (error instanceof TransportError) return error.timedOut ? 'timeout' : 'network';
  if (error instanceof WriteRefusedError) return 'refused';
  return 'aborted';
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** The body of a 2xx answer. @throws UnexpectedAnswerError */
function read(answer: Answer, wantsJson: boolean, check: Check, scope: RequestScope): unknown {
  const { status, text, headers } = answer;
  if (!wantsJson) return text === '' ? undefined : text;
  const type = headers['content-type'];
  if (!isJsonType(type) && text !== '') {
    throw scope.unexpected(status, `with ${contentTypeForMessage(type)} instead of JSON`);
  }
  let value: unknown;
  try {
    // JSON.parse makes `__proto__` an ordinary property of its own; nothing after it may copy objects by assignment.
    value = text === '' ? undefined : JSON.parse(text);
  } catch {
    // Not as cause: the parser's message quotes what it read.
    throw scope.unexpected(status, 'with a body that is not valid JSON');
  }
  const problem = check(value);
  if (problem !== undefined) throw scope.unexpected(status, problem);
  return value;
}

function apiError(answer: Answer, scope: RequestScope, note?: string): ApiError {
  return new ApiError({
    status: answer.status,
    method: scope.method,
    path: scope.path,
    body: answer.text,
    retryAfterSeconds: retryAfterSeconds(answer.headers['retry-after']),
    note,
  });
}
