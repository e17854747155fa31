import type { KubeConfig } from '@kubernetes/client-node';
import type { KubernetesObject } from '../kubernetes-object.ts';
import type { Logger } from '../log/logger.ts';
import type { RetryMode } from './retry-policy.ts';

/** Query parameters; `undefined` values are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** How to build an ApiClient. */
export interface ApiClientOptions {
  /** Where the server is and who we are. Its current context counts. */
  kubeConfig: KubeConfig;
  /** Sent as User-Agent: name/version of the program, so that the server's audit log can name it. */
  userAgent: string;
  /**
   * Default deadline of one request including connecting and every retry, milliseconds. Default 15,000. Queueing for a
   * place does not count; it has a deadline of the same length of its own.
   */
  requestTimeoutMs?: number;
  /**
   * How many non-watch requests may be under way at once, those aside that the server answers slowly: see FairPlaces for
   * the bounds. Each uses one connection. Default 16.
   */
  maxConcurrentRequests?: number;
  /** How long credentials are used before the kubeconfig's source is asked again, milliseconds. Default 30,000. */
  credentialsTtlMs?: number;
  /** How long an exec plugin of the kubeconfig may take before it is ended, milliseconds. Default 60,000. */
  execTimeoutMs?: number;
  logger?: Logger;
  /**
   * Asked with its path before a write is sent, and again at the last moment, when the connection stands and before the
   * first byte is written; false refuses it with a WriteRefusedError, as in an operator that is not, or no longer, the
   * leader. Default: all may leave.
   */
  mayWrite?: (path: string) => boolean;
  /** Called after every attempt, also failed ones and watches (when they have been opened). Must not throw. */
  onRequest?: (observation: RequestObservation) => void;
}

/** How to build a lane, see ApiClient.lane(). */
export interface LaneOptions {
  /** As in ApiClientOptions, for the requests of this lane alone. */
  maxConcurrentRequests: number;
  /** As in ApiClientOptions. Left out: that of the client the lane is of. */
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
   * HTTP status, or `timeout`, `aborted`, `network` where there was no answer, `unexpected` where success was answered
   * with something that no API server answers, `refused` where mayWrite said no.
   */
  code: string;
  /** From sending (not from queueing) to the end of the body; for a watch to its response headers. */
  durationSeconds: number;
  /** Time spent waiting for one of the maxConcurrentRequests places. */
  queuedSeconds: number;
}

/** One raw request. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without query, see resourcePath(). */
  path: string;
  query?: Query;
  /** Sent as JSON whatever the content type says (JSON is YAML). */
  body?: unknown;
  /** Default `application/json`. */
  contentType?: string;
  /** Default `application/json`. Where it names no JSON type (`text/plain`), the answer is returned as text. */
  accept?: string;
  /** Deadline of the whole call without queueing, milliseconds; default the client's requestTimeoutMs. */
  timeoutMs?: number;
  /** Gives up early; the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** See RetryMode. Default `auto`. */
  retry?: RetryMode;
}

/** One streaming GET (a watch). */
export interface StreamRequest {
  path: string;
  query?: Query;
  /** Default `application/json`. Where it names a JSON type, an answer of another type fails. */
  accept?: string;
  /** Ends the stream; its iterator throws the signal's reason. */
  signal?: AbortSignal;
  /** Deadline for the response headers, milliseconds. Default 15,000. */
  connectTimeoutMs?: number;
  /** Deadline for the whole stream, milliseconds; left out: none. */
  deadlineMs?: number;
  /** Fails the stream when no byte arrived for so long, milliseconds; left out: never. */
  idleTimeoutMs?: number;
}

/**
 * The body of a stream(), chunk by chunk as the network gives it. To be iterated once.
 * The iterator ends when the server ended the body; it throws a TransportError when the connection broke or a deadline passed.
 */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  readonly status: number;
  /** Close the connection now. The iterator ends without an error. Safe to call twice. */
  close(): void;
}

/** Which objects a list covers. */
export interface ListOptions {
  /** Left out: all namespaces. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
  /** Objects per page. Default 500, as kubectl and client-go use. */
  limit?: number;
  /** Ask for metadata alone (PartialObjectMetadata). */
  metadataOnly?: boolean;
  /**
   * Accept a list without a resourceVersion, as aggregated servers (metrics.k8s.io) give: for reading alone, as no watch
   * can go on from it. Default false: such a list is an UnexpectedAnswerError.
   */
  unversioned?: boolean;
  /** Deadline per page, milliseconds. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** One page of a list; all pages of a list show the same moment. */
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
  /** Name under which the server records who set which field. */
  fieldManager?: string;
}

export interface ApplyOptions extends CallOptions {
  fieldManager: string;
  /** Take over fields other managers own instead of failing with 409. */
  force?: boolean;
  dryRun?: boolean;
  /** Such as `status`. */
  subresource?: string;
}

export interface PatchOptions extends WriteOptions {
  subresource?: string;
  /** See RetryMode; say `idempotent` when repeating this very patch does no harm. */
  retry?: RetryMode;
}

export interface DeleteOptions extends CallOptions {
  /** Delete this very object, not one of the same name that came after it (409 then). Makes the delete safe to repeat. */
  uid?: string;
  /** Delete only if nothing has changed since (409 then). */
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

/** What the server's objects look like to code that knows nothing of their kind. */
export type AnyObject = KubernetesObject & Record<string, unknown>;
