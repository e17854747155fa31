import type { Dispatcher } from 'undici';

/** One HTTP request as it goes out. */
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

/** Told about the progress of one exchange. Exactly one of onEnd and onError comes last, and comes once. */
export interface ExchangeListener {
  /**
   * Asked when the connection stands, right before the first byte is written: an error returned means that the request
   * is not sent, and comes back in onError.
   */
  refusal?(): Error | undefined;
  /** The request is being written: from here on the server may carry it out. */
  onSent(): void;
  onHeaders(status: number, headers: ResponseHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: unknown): void;
}

/** Handle on one exchange under way. */
export interface Exchange {
  /** Give up: the listener gets onError(reason) at once, and nothing that has not been sent yet will be. Safe to call at any time. */
  abort(reason: unknown): void;
  /** Stop reading from the network (the listener is too slow). */
  pause(): void;
  resume(): void;
}

/**
 * Send one request on a dispatcher.
 *
 * On undici's dispatch() rather than request(): only here can be told whether a request that failed had been sent,
 * and a request that still waits for its connection can be given up at once.
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
      // 1xx are announcements; the answer is still to come.
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
    // A dispatcher being closed throws, others report through the handler. Asynchronous, as every other failure is.
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
