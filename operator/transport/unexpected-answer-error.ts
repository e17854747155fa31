import { type RequestFate, TransportError } from './transport-error.ts';

/**
 * A success that no Kubernetes API server returns: an HTML page of a gateway, JSON without a kind, a list without items. It is treated
 * as no answer, because it is unknown whether the server executed the request.
 *
 * The message names the content type or kind, and quotes nothing else of the answer.
 *
 * @example
 * ```ts
 * if (error instanceof UnexpectedAnswerError) logger.error('A proxy answers instead of the API server', { error: error.message });
 * ```
 */
export class UnexpectedAnswerError extends TransportError {
  override readonly name = 'UnexpectedAnswerError';
  readonly status: number;

  constructor(
    message: string,
    init: { method: string; path: string; fate: RequestFate; status: number; cause?: unknown },
  ) {
    super(message, { ...init, timedOut: false });
    this.status = init.status;
  }
}
