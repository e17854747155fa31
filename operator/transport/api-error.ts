/** One entry of `details.causes` of a Kubernetes Status. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** `details` of a Kubernetes Status (meta/v1 StatusDetails). */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** What an {@link ApiError} is built from. */
export interface ApiErrorInit {
  /** HTTP status code, or `code` of the Status of a watch's ERROR event. */
  status: number;
  /** HTTP method of the request, upper case. */
  method: string;
  /** Path of the request, without host and query. */
  path: string;
  /** The response body as text, or an already parsed Status. */
  body?: unknown;
  /** Seconds of the Retry-After header, if there was one. */
  retryAfterSeconds?: number | undefined;
  /** Added to the server's message, such as why the request was not retried. */
  note?: string | undefined;
}

/**
 * The API server answered with an error.
 *
 * The message has method, path, status and the server's message. It contains neither headers nor the request body.
 *
 * @example
 * ```ts
 * if (error instanceof ApiError && error.status === 404) return undefined;
 * ```
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status code. */
  readonly status: number;
  /** Machine-readable reason of the Status (`NotFound`, `Conflict`, …), `''` if the answer was not a Status. */
  readonly reason: string;
  readonly details: StatusDetails;
  readonly causes: readonly StatusCause[];
  readonly method: string;
  readonly path: string;
  /** Retry-After, seconds; from the header or the Status. */
  readonly retryAfterSeconds: number | undefined;

  constructor(init: ApiErrorInit) {
    const status = readStatus(init.body);
    super(
      `${init.method} ${init.path} returned ${init.status}${status.reason === '' ? '' : ` ${status.reason}`}: ${status.message}${init.note === undefined ? '' : ` (${init.note})`}`,
    );
    this.status = init.status;
    this.reason = status.reason;
    this.details = status.details;
    this.causes = status.details.causes ?? [];
    this.method = init.method;
    this.path = init.path;
    this.retryAfterSeconds = init.retryAfterSeconds ?? status.details.retryAfterSeconds;
  }
}

/** No such object, or no such kind (the CRD is not installed). */
export function isNotFound(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 404;
}

/** Returns an answer, or undefined if there is no such object or kind. @throws whatever else the request throws */
export async function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A precondition failed: another uid or resourceVersion, or a field another manager owns. Not "already exists". */
export function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists';
}

/** An object of that name exists already. */
export function isAlreadyExists(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists';
}

/** The resourceVersion or the continue token is too old: list again. */
export function isGone(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone');
}

/** The object failed validation: sending it again unchanged cannot help. */
export function isInvalid(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 422;
}

/** RBAC, an admission plugin or a quota rejected the request. */
export function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403;
}

/** A create in a namespace that is being deleted: it can never succeed. 403 with this cause (NamespaceLifecycle admission). */
export function isNamespaceTerminating(error: unknown): error is ApiError {
  return error instanceof ApiError && error.causes.some((cause) => cause.reason === 'NamespaceTerminating');
}

/** How much of an answer that is not a Status (such as a load balancer's HTML page) goes into a message, characters. */
const MAX_FOREIGN_TEXT = 300;

function readStatus(body: unknown): { reason: string; message: string; details: StatusDetails } {
  let parsed = body;
  if (typeof body === 'string') {
    try {
      parsed = JSON.parse(body);
    } catch {
      const text = body.replace(/\s+/g, ' ').trim().slice(0, MAX_FOREIGN_TEXT);
      return { reason: '', message: text === '' ? 'the response had no body' : text, details: {} };
    }
  }
  if (typeof parsed !== 'object' || parsed === null || !('kind' in parsed) || parsed.kind !== 'Status') {
    // It could be an object with secret data, so it is not quoted.
    return { reason: '', message: 'the response was not a Kubernetes Status', details: {} };
  }
  const status = parsed as { reason?: unknown; message?: unknown; details?: unknown };
  const details = (
    typeof status.details === 'object' && status.details !== null ? status.details : {}
  ) as StatusDetails;
  return {
    reason: typeof status.reason === 'string' ? status.reason : '',
    message:
      typeof status.message === 'string' && status.message !== '' ? status.message : 'the server gave no message',
    details: Array.isArray(details.causes) || details.causes === undefined ? details : { ...details, causes: [] },
  };
}
