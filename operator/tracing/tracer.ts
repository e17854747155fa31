import type { RequestObservation } from '../transport/api-client-types.ts';

/** Attributes of a span: names, kinds, counts and codes; never the content of an object. */
export type SpanAttributes = Record<string, string | number | boolean | string[]>;

/** A piece of work being traced. */
export interface Span {
  /** Id of the trace the span belongs to, 32 hexadecimal digits. */
  readonly traceId: string;
  set(attributes: SpanAttributes): void;
  /** Marks the work as failed without an exception. */
  fail(message: string): void;
}

/**
 * Records the work of an operator as spans. The framework depends on this interface alone, so that OpenTelemetry is loaded only if
 * tracing is enabled; `startTracing()` creates one. No method throws by itself.
 */
export interface Tracer {
  /**
   * Runs work as a span; spans within it become its children.
   * @param root begins a new trace
   */
  span<T>(
    name: string,
    attributes: SpanAttributes,
    work: (span: Span) => Promise<T>,
    options?: { root?: boolean },
  ): Promise<T>;
  /** An attempt of a request to the API server has ended. Called where it was made; ignored outside of any span. */
  request(observation: RequestObservation): void;
}

/** Runs work as a span if there is a tracer, otherwise without. @param attributes called only if there is a tracer */
export function traced<T>(
  tracer: Tracer | undefined,
  name: string,
  attributes: () => SpanAttributes,
  work: (span?: Span) => Promise<T>,
  options?: { root?: boolean },
): Promise<T> {
  return tracer ? tracer.span(name, attributes(), work, options) : work();
}
