import { type RequestFate, TransportError } from './transport-error.ts';

/**
 * Something answered with success, but not as a Kubernetes API server does: an HTML page of a gateway, JSON of no kind, a
 * list without items. It is treated as no answer, as whoever gave it may have carried out nothing.
 *
 * The message says what came instead (content type, kind), and quotes nothing else of it.
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
