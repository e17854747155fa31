import type { KubernetesObject } from '../kubernetes-object.ts';
import { type ResourceType, resourcePath } from '../resource/resource-type.ts';
import { listProblem, objectProblem, type WireList } from './answer-shape.ts';
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
  StreamRequest,
  WriteOptions,
} from './api-client-types.ts';
import { isGone } from './api-error.ts';
import { APPLY_TYPE, JSON_PATCH_TYPE, JSON_TYPE, MERGE_PATCH_TYPE, METADATA_ONLY } from './media-types.ts';
import { RequestSender } from './request-sender.ts';

const PAGE_SIZE = 500;
/** Attempts at a paged list: a continue token lives for minutes, so a list that loses it so often is fetched in one piece. */
const PAGING_TRIES = 3;

/**
 * A client of one Kubernetes API server that sends and returns raw JSON: nothing is dropped, renamed or converted.
 *
 * Every call has a deadline that covers connecting, every retry and reading the answer; retryDecision() decides on retries.
 * Waiting for a free slot has a separate deadline of the same length, so that a sent request has the whole time for its answer.
 * Slots are shared fairly between resources and namespaces, and slow requests return theirs: see FairPlaces. Requests that
 * must not share slots or connections with anything else use a lane().
 *
 * Errors: ApiError when the server answered with an error, TransportError when there was no answer, UnexpectedAnswerError (a
 * TransportError) when success was answered with something that no API server returns, such as HTML or a list without items,
 * the reason of the caller's own signal when that aborted.
 *
 * The proxy is that of the kubeconfig (`proxy-url`), else that of the environment: see proxyFromEnvironment().
 *
 * @example
 * ```ts
 * const client = new ApiClient({ kubeConfig });
 * const pods = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
 * const pod = await client.get(pods, 'default', 'web-0');
 * await client.close();
 * ```
 */
export class ApiClient {
  readonly #sender: RequestSender;

  /**
   * @param sender set by lane().
   * @throws Error when the kubeconfig has no current cluster, or its server or a proxy variable is not a valid URL
   */
  constructor(options: ApiClientOptions, sender = new RequestSender(options)) {
    this.#sender = sender;
  }

  /** The server's address as in the kubeconfig, for log lines. */
  get serverUrl(): string {
    return this.#sender.serverUrl;
  }

  /**
   * Creates a client of the same server with the same credentials and options, but with slots and connections of its own:
   * the requests of a lane never wait for those of this client or of another lane. Credentials are fetched once for all lanes.
   * close() of this client closes its lanes; a lane may be closed before.
   */
  lane(options: LaneOptions): ApiClient {
    const sender = this.#sender.lane(options);
    return new ApiClient(sender.options, sender);
  }

  /**
   * Sends one request and returns its answer: parsed JSON, `undefined` where it is empty, and the text where `accept` names
   * no JSON type (`text/plain` for `/readyz`).
   *
   * Any other answer that is not JSON is an UnexpectedAnswerError. The kind of the JSON is not checked here.
   */
  request<T = unknown>(request: ApiRequest): Promise<T> {
    return this.#sender.call<T>(request, () => undefined);
  }

  /**
   * Opens a streaming GET (a watch). Resolves with the response headers after one attempt, without retries: the reader of a
   * stream must be able to start it again anyway. Streams do not count against maxConcurrentRequests.
   */
  stream(request: StreamRequest): Promise<ByteStream> {
    return this.#sender.stream(request);
  }

  /** Reads one object. ApiError 404 when there is none: see isNotFound(). */
  get<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    options: CallOptions & { subresource?: string } = {},
  ): Promise<T> {
    const { subresource, ...call } = options;
    return this.#sender.call<T>(
      { method: 'GET', path: resourcePath(type, namespace, name, subresource), ...call },
      objectProblem,
    );
  }

  /**
   * Yields the objects of a kind, fetched page by page as the reader goes on. All are of the same resourceVersion.
   * Throws an ApiError 410 when the reader takes so long (minutes) that the server has compacted that version.
   */
  async *list<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    options: ListOptions = {},
  ): AsyncGenerator<T, void, undefined> {
    for await (const page of this.listPages<T>(type, options)) yield* page.items;
  }

  /**
   * As list(), a page at a time, with the resourceVersion from which a watch may continue.
   *
   * A page must be an object of a kind that ends in `List`, with items (null counts as none) and a resourceVersion. Anything
   * else is an UnexpectedAnswerError, so that a gateway's page is never taken for an empty collection.
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
      const page = await this.#sender.call<WireList<T>>(
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
   * Reads the whole collection at one resourceVersion. Starts over when the server compacts that version between two pages (410).
   *
   * @param keep what to keep of each object, called as it arrives, so that the rest of it can be freed at once
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

  /** Creates an object in the namespace of its metadata. ApiError 409 when the name is taken: see isAlreadyExists(). */
  create<T extends KubernetesObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const { dryRun, fieldManager, ...call } = options;
    return this.#sender.call<T>(
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
   * Applies an object by server-side apply: sets the fields this manager owns, and creates the object if it does not exist.
   *
   * With metadata.uid in the body the object must exist: 409 instead of a new object.
   *
   * @param object with apiVersion, kind and metadata.name; sent exactly as given
   * @throws TypeError when one of these is missing
   */
  async apply<T extends KubernetesObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T> {
    const { fieldManager, force, dryRun, subresource, ...call } = options;
    const name = object.metadata?.name;
    if (!name || !object.apiVersion || !object.kind) {
      throw new TypeError(`apply ${type.kind} "${name ?? ''}": apiVersion, kind and metadata.name are required`);
    }
    return this.#sender.call<T>(
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

  /** Sends a JSON merge patch (RFC 7386): null deletes a field, a list is replaced as a whole. */
  mergePatch<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#patch<T>(type, namespace, name, patch, MERGE_PATCH_TYPE, options);
  }

  /** Sends a JSON patch (RFC 6902): a list of operations, all or none; `test` makes it conditional. */
  jsonPatch<T extends KubernetesObject = KubernetesObject>(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    patch: readonly JsonPatchOperation[],
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#patch<T>(type, namespace, name, patch, JSON_PATCH_TYPE, options);
  }

  /**
   * Deletes one object. Resolves when the server has accepted it: with finalizers the object stays for a while.
   *
   * ApiError 404 when there is none, 409 when uid or resourceVersion do not match. With a uid the request is retried when the
   * answer is lost, so a 404 may mean that this very call has deleted the object.
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
   * Aborts all requests in flight (their callers get a TransportError) and closes all connections, also those of lanes. New
   * calls are rejected. A lane leaves its parent open. Resolves when that is done, after `deadlineMs` (default 5,000) at the
   * latest. Safe to call twice.
   */
  close(options: { deadlineMs?: number } = {}): Promise<void> {
    return this.#sender.close(options);
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
    return this.#sender.call<T>(
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
}
