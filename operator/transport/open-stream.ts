import { contentTypeForMessage, isJsonType } from './answer-shape.ts';
import type { ByteStream } from './api-client-types.ts';
import { ApiError } from './api-error.ts';
import { ByteQueue } from './byte-queue.ts';
import type { Exchange, OutgoingRequest, ResponseHeaders } from './exchange.ts';
import type { RequestScope } from './request-scope.ts';
import { parseRetryAfter } from './retry-after.ts';
import { causeOf, type StartExchange } from './send.ts';
import { TransportError } from './transport-error.ts';

/** Deadlines of one stream, milliseconds, and what it accepts. */
export interface StreamLimits {
  connectTimeoutMs: number;
  deadlineMs: number | undefined;
  idleTimeoutMs: number | undefined;
  /** Whether an answer that is not 2xx is a stream, too. */
  anyStatus: boolean;
}

/** How much of an answer that is not 2xx is read, bytes. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Sends a GET whose answer is read while it arrives. Resolves with the response headers.
 *
 * @param scope its deadline covers the time until the response headers; the stream's own limits apply after that. Its signal ends
 *   the stream at any time. scope.end() is called when the stream ends; if none was opened (the promise rejects), the caller does
 * @throws ApiError for an answer that is not 2xx and not wanted either, UnexpectedAnswerError for one that is not JSON although JSON was requested
 */
export function openStream(
  start: StartExchange,
  request: OutgoingRequest,
  scope: RequestScope,
  limits: StreamLimits,
): Promise<ByteStream> {
  return new Promise((resolve, reject) => {
    let exchange: Exchange | undefined;
    let status = 0;
    let headers: ResponseHeaders = {};
    let closed = false;
    let idle: ReturnType<typeof setTimeout> | undefined;
    let deadline: ReturnType<typeof setTimeout> | undefined;
    const errorBody: Buffer[] = [];
    let errorBytes = 0;
    const queue = new ByteQueue({ pause: () => exchange?.pause(), resume: () => exchange?.resume() });

    const onAbort = () => exchange?.abort(scope.signal.reason);
    const over = () => {
      scope.signal.removeEventListener('abort', onAbort);
      clearTimeout(idle);
      clearTimeout(deadline);
      if (isOk()) scope.end();
    };
    const tooLong = (what: string) => exchange?.abort(scope.error(what, undefined, true));
    const armIdle = () => {
      if (limits.idleTimeoutMs === undefined) return;
      if (idle !== undefined) idle.refresh();
      else
        idle = setTimeout(
          () => tooLong(`the stream sent nothing for ${limits.idleTimeoutMs} ms`),
          limits.idleTimeoutMs,
        );
    };
    const isOk = () => (limits.anyStatus ? status !== 0 : status >= 200 && status < 300);

    scope.phase = 'connecting';
    exchange = start(request, {
      onSent() {
        scope.phase = 'waiting for the response';
        scope.fate = 'unknown';
      },
      onHeaders(answered, answeredHeaders) {
        status = answered;
        headers = answeredHeaders;
        scope.phase = 'reading the response';
        if (!isOk()) return;
        if (isJsonType(request.headers.accept) && !isJsonType(headers['content-type'])) {
          const type = contentTypeForMessage(headers['content-type']);
          const unexpected = scope.unexpected(status, `with ${type} instead of a stream of JSON`);
          // Nothing was opened: the caller ends the scope.
          status = 0;
          exchange?.abort(unexpected);
          return;
        }
        scope.stopDeadline();
        if (limits.deadlineMs !== undefined) {
          deadline = setTimeout(
            () => tooLong(`the stream did not end within ${limits.deadlineMs} ms`),
            limits.deadlineMs,
          );
        }
        armIdle();
        resolve({
          status,
          headers,
          close() {
            if (closed) return;
            closed = true;
            queue.discard();
            exchange?.abort(new Error('the reader closed the stream'));
          },
          [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
        });
      },
      onData(chunk) {
        if (isOk()) {
          armIdle();
          queue.push(chunk);
        } else if (errorBytes < MAX_ERROR_BYTES) {
          errorBytes += chunk.byteLength;
          errorBody.push(chunk);
        }
      },
      onEnd() {
        over();
        if (isOk()) queue.end();
        else reject(answered());
      },
      onError(error) {
        over();
        if (closed) return;
        const failure =
          scope.signal.aborted || error instanceof TransportError
            ? error
            : scope.error(`the connection failed while ${scope.phase} (${causeOf(error)})`, error);
        // The status of an error answer is more useful than a connection that broke while its body was read.
        if (status !== 0 && !isOk() && !scope.signal.aborted) reject(answered());
        else if (status === 0 || !isOk()) reject(failure);
        else queue.end(failure);
      },
    });
    const answered = () =>
      new ApiError({
        status,
        method: scope.method,
        path: scope.path,
        body: Buffer.concat(errorBody).toString('utf8'),
        retryAfterSeconds: parseRetryAfter(headers['retry-after']),
      });
    if (scope.signal.aborted) onAbort();
    else scope.signal.addEventListener('abort', onAbort, { once: true });
  });
}
