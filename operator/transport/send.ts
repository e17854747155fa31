import type { Exchange, ExchangeListener, OutgoingRequest, ResponseHeaders } from './exchange.ts';
import type { RequestScope } from './request-scope.ts';

/** An answer read to its end. */
export interface Answer {
  status: number;
  headers: ResponseHeaders;
  text: string;
}

/** Starts an exchange on some connection, see startExchange(). */
export type StartExchange = (request: OutgoingRequest, listener: ExchangeListener) => Exchange;

/**
 * Sends one request and reads the whole answer.
 *
 * Keeps scope.phase and scope.fate current. Rejects with the scope's reason as soon as it aborts, and with a
 * TransportError when the connection fails.
 *
 * @param refusal called right before the first byte is written; if it returns an error, that is thrown and nothing is sent
 */
export function send(
  start: StartExchange,
  request: OutgoingRequest,
  scope: RequestScope,
  refusal: () => Error | undefined = () => undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let headers: ResponseHeaders = {};
    const chunks: Buffer[] = [];
    const onAbort = () => exchange.abort(scope.signal.reason);
    const over = () => scope.signal.removeEventListener('abort', onAbort);

    scope.phase = 'connecting';
    let refused: Error | undefined;
    const exchange = start(request, {
      refusal() {
        refused = refusal();
        return refused;
      },
      onSent() {
        scope.phase = 'waiting for the response';
        scope.fate = 'unknown';
      },
      onHeaders(answered, answeredHeaders) {
        scope.phase = 'reading the response';
        status = answered;
        headers = answeredHeaders;
      },
      onData(chunk) {
        chunks.push(chunk);
      },
      onEnd() {
        over();
        resolve({ status, headers, text: Buffer.concat(chunks).toString('utf8') });
      },
      onError(error) {
        over();
        reject(
          scope.signal.aborted || error === refused
            ? error
            : scope.error(`the connection failed while ${scope.phase} (${causeOf(error)})`, error),
        );
      },
    });
    if (scope.signal.aborted) onAbort();
    else scope.signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Returns the message of a network error; for an AggregateError without one (several addresses tried) those of its errors. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(causeOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
