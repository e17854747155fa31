import type { Dispatcher } from 'undici';

/** One HTTP request as it is sent. */
export interface OutgoingRequest {
  origin: string;
  method: Dispatcher.HttpMethod;
  /** Path with query. */
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

/** Response headers, lower-case names. */
export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Observes one exchange. Exactly one of onEnd and onError is called, once and last. */
export interface ExchangeListener {
  /**
   * Called when the connection is open, right before the first byte is written. If it returns an error the request is not sent,
   * and onError gets that error.
   */
  refusal?(): Error | undefined;
  /** The request is being written. From here on the server may carry it out. */
  onSent(): void;
  onHeaders(status: number, headers: ResponseHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: unknown): void;
}

/** Handle of one exchange. */
export interface Exchange {
  /** Aborts: the listener gets onError(reason) at once, and nothing more is sent. Safe to call at any time. */
  abort(reason: unknown): void;
  /** Stops reading from the network (the listener is too slow). */
  pause(): void;
  resume(): void;
}

/**
 * Sends one request on a dispatcher.
 *
 * Uses undici's dispatch() rather than request(), which does not show whether a failed request had been sent, and cannot abort a
 * request that still waits for its connection at once.
 */
export function startExchange(dispatcher: Dispatcher, request: OutgoingRequest, listener: ExchangeListener): Exchange {
  let controller: Dispatcher.DispatchController | undefined;
  let over: { reason: unknown } | undefined;

  const fail = (error: unknown) => {
    if (over !== undefined) return;
    over = { reason: error };
    listener.onError(error);
  };

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started;
      if (over !== undefined) {
        started.abort(asError(over.reason));
        return;
      }
      const refusal = listener.refusal?.();
      if (refusal === undefined) {
        listener.onSent();
        return;
      }
      fail(refusal);
      started.abort(refusal);
    },
    onResponseStart(_controller, status, headers) {
      // 1xx are interim responses.
      if (over === undefined && status >= 200) listener.onHeaders(status, headers as ResponseHeaders);
    },
    onResponseData(_controller, chunk) {
      if (over === undefined) listener.onData(chunk);
    },
    onResponseEnd() {
      if (over !== undefined) return;
      over = { reason: undefined };
      listener.onEnd();
    },
    onResponseError(_controller, error) {
      fail(error);
    },
  };

  try {
    dispatcher.dispatch(
      {
        origin: request.origin,
        method: request.method,
        path: request.path,
        headers: request.headers,
        body: request.body,
      },
      handler,
    );
  } catch (error) {
    // A closing dispatcher throws, other failures come through the handler. Asynchronous, like those.
    queueMicrotask(() => fail(error));
  }

  return {
    abort(reason) {
      if (over !== undefined) return;
      fail(reason);
      controller?.abort(asError(reason));
    },
    pause() {
      if (over === undefined) controller?.pause();
    },
    resume() {
      if (over === undefined) controller?.resume();
    },
  };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
