import type { TraceHeaders } from './trace-context.ts';

export type Attributes = Record<string, string | number>;

/** A span of the answer to a request, or of a request to the next component. */
export interface Span {
  /** Headers that pass the span to the next component. */
  readonly headers: TraceHeaders;
  /** Begins a span of a request to another component. */
  client(name: string, attributes: Attributes): Span;
  set(attributes: Attributes): void;
  /** @param error what went wrong */
  end(error?: string): void;
}

/** Records spans. */
export interface Tracing {
  /** Begins a span of the answer to a request. @param headers those of the request */
  server(name: string, headers: TraceHeaders, attributes: Attributes): Span;
  /** Exports the remaining spans. Never rejects. */
  stop(): Promise<void>;
}
