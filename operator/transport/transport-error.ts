/** The fate of a request that got no answer. */
export type RequestFate =
  /** It never left this process, so a retry is always safe. */
  | 'not-sent'
  /** It may or may not have been carried out. */
  | 'unknown';

/**
 * A request got no answer: the network failed, or the deadline passed.
 *
 * The message names the request, the phase and the deadline in milliseconds. It contains neither headers nor bodies.
 *
 * @example
 * ```ts
 * if (error instanceof TransportError) logger.warn('API server unavailable', { error: error.message });
 * ```
 */
export class TransportError extends Error {
  override readonly name: string = 'TransportError';
  readonly method: string;
  /** Path of the request, without host and query. */
  readonly path: string;
  readonly fate: RequestFate;
  /** Whether the deadline passed (as opposed to a connection that failed). */
  readonly timedOut: boolean;

  constructor(
    message: string,
    init: { method: string; path: string; fate: RequestFate; timedOut: boolean; cause?: unknown },
  ) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.method = init.method;
    this.path = init.path;
    this.fate = init.fate;
    this.timedOut = init.timedOut;
  }
}
