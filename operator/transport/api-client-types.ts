import type { KubeConfig } from '@kubernetes/client-node';
import type { Logger } from '../log/logger.ts';
import type { ResponseHeaders } from './exchange.ts';
import type { RetryMode } from './retry-policy.ts';

/** Query parameters; `undefined` values are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** How to build an ApiClient. */
export interface ApiClientOptions {
  /** The server and the credentials: those of its current context. */
  kubeConfig: KubeConfig;
  /** Sent as User-Agent: name/version of the program, for the server's audit log. */
  userAgent: string;
  /**
   * Default deadline of one request including connecting and every retry, milliseconds. Default 15,000. Waiting for a request slot
   * does not count; it has a deadline of the same length of its own.
   */
  requestTimeoutMs?: number;
  /**
   * Concurrent requests, watches and slow requests not counted: see FairPlaces for the limits. Each uses one connection. Default 16.
   */
  maxConcurrentRequests?: number;
  /** How long credentials are cached before the kubeconfig's source is read again, milliseconds. Default 30,000. */
  credentialsTtlMs?: number;
  /** Timeout of an exec plugin of the kubeconfig, milliseconds. Default 60,000. */
  execTimeoutMs?: number;
  logger?: Logger;
  /**
   * Called with the path before a write is sent, and again when the connection is open, before the first byte is written. False
   * rejects the write with a WriteRefusedError, for example because the operator is not the leader. Default: all writes are sent.
   */
  mayWrite?: (path: string) => boolean;
  /** Called after every attempt, also failed ones, and when a watch has been opened. Must not throw. */
  onRequest?: (observation: RequestObservation) => void;
}

/** How to build a lane, see ApiClient.lane(). */
export interface LaneOptions {
  /** As in ApiClientOptions, for the requests of this lane alone. */
  maxConcurrentRequests: number;
  /** As in ApiClientOptions. Default: that of the client. */
  mayWrite?: (path: string) => boolean;
}

/** One attempt of a request, for metrics: every field has few values, so all may be labels. */
export interface RequestObservation {
  method: string;
  /** `get`, `list`, `watch`, `create`, `update`, `apply`, `patch`, `delete`, or the HTTP method in lower case. */
  verb: string;
  /** Plural, with the subresource if any (`deployments/scale`); the path itself where it names no resource (`/version`). */
  resource: string;
  /**
   * HTTP status, or `timeout`, `aborted`, `network` without an answer, `unexpected` where success was answered with something
   * that no API server returns, `refused` where mayWrite returned false.
   */
  code: string;
  /** From sending (not from queueing) to the end of the body; for a watch to its response headers. */
  durationSeconds: number;
  /** Time spent waiting for one of the maxConcurrentRequests slots. */
  queuedSeconds: number;
}

/** One raw request. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without query, see resourcePath(). */
  path: string;
  query?: Query;
  /** Sent as JSON whatever the content type (JSON is YAML). */
  body?: unknown;
  /** Default `application/json`. */
  contentType?: string;
  /** Default `application/json`. If it is not a JSON type (`text/plain`), the answer is returned as text. */
  accept?: string;
  /** Deadline of the whole call without queueing, milliseconds; default the client's requestTimeoutMs. */
  timeoutMs?: number;
  /** Aborts the request; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** See RetryMode. Default `auto`. */
  retry?: RetryMode;
}

/** One streaming GET (a watch). */
export interface StreamRequest {
  path: string;
  query?: Query;
  /** Default `application/json`. If it is a JSON type, an answer of another type fails. */
  accept?: string;
  /** Ends the stream; its iterator throws the signal's reason. */
  signal?: AbortSignal;
  /** Deadline for the response headers, milliseconds. Default 15,000. */
  connectTimeoutMs?: number;
  /** Deadline for the whole stream, milliseconds. Default: none. */
  deadlineMs?: number;
  /** Fails the stream when no byte arrived for this long, milliseconds. Default: never. */
  idleTimeoutMs?: number;
  /**
   * Resolve whatever the status of the answer is, without a new attempt after 401. For what the API server passes on from a
   * proxied server, whose statuses are the caller's to judge. Default false.
   */
  anyStatus?: boolean;
}

/**
 * The body of a stream(), chunk by chunk as it arrives. Iterate it once.
 * The iterator ends when the server ended the body; it throws a TransportError when the connection broke or a deadline passed.
 */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  readonly status: number;
  /** Headers of the answer, lower-case names. */
  readonly headers: ResponseHeaders;
  /** Closes the connection now. The iterator ends without an error. Safe to call twice. */
  close(): void;
}

/** Which objects a list covers. */
export interface ListOptions {
  /** Default: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects per page. Default 500, as kubectl and client-go use. */
  limit?: number;
  /** Request metadata alone (PartialObjectMetadata). */
  metadataOnly?: boolean;
  /**
   * Accept a list without a resourceVersion, as from aggregated servers (metrics.k8s.io). No watch can continue from it. Default
   * false: such a list is an UnexpectedAnswerError.
   */
  unversioned?: boolean;
  /** Deadline per page, milliseconds. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** One page of a list; all pages of a list have the same resourceVersion. */
export interface ListPage<T> {
  items: T[];
  /** resourceVersion of the list: where a watch may start. `''` only where `unversioned` allows it. */
  resourceVersion: string;
}

/** Options every convenience call takes. */
export interface CallOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface WriteOptions extends CallOptions {
  /** Validate and admit, store nothing. */
  dryRun?: boolean;
  /** Field manager: the server records it as owner of the fields it sets. */
  fieldManager?: string;
}

export interface ApplyOptions extends CallOptions {
  fieldManager: string;
  /** Take over fields of other field managers instead of failing with 409. */
  force?: boolean;
  dryRun?: boolean;
  /** Such as `status`. */
  subresource?: string;
}

export interface PatchOptions extends WriteOptions {
  subresource?: string;
  /** See RetryMode; use `idempotent` when repeating this patch does no harm. */
  retry?: RetryMode;
}

export interface DeleteOptions extends CallOptions {
  /** Delete only the object with this uid, not a later one of the same name (409). Makes the delete safe to repeat. */
  uid?: string;
  /** Delete only if the object is unchanged (409 otherwise). */
  resourceVersion?: string;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
  dryRun?: boolean;
}

/** One operation of a JSON Patch (RFC 6902). */
export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}
