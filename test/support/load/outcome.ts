/** A request of a lane, the same each time. */
export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  /** JSON text. */
  body?: string | undefined;
}

/** How a request ended. */
export type Outcome =
  | { status: number /** The header `x-shop-versions`. */; versions: string | undefined }
  | {
      cause: string;
      /** The error's own message. */
      detail: string;
      /** Sends it again on a new connection. Present only where real clients may do that. */
      retry?: ((settle: Settle) => Cancel) | undefined;
      /** The server reported that it has not processed the request. */
      refused?: boolean;
    };

/** Called once for a request, unless it was cancelled. */
export type Settle = (outcome: Outcome) => void;

/** Aborts a request and frees its connection. */
export type Cancel = () => void;

/** One way to connect: a new connection for each request, kept ones, or HTTP/2 sessions. */
export interface Connections {
  /** Connections opened so far. */
  readonly opened: number;
  send(request: LoadRequest, settle: Settle): Cancel;
  /** Closes all connections, those in use as well. */
  close(): void;
}
