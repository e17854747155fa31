import type { RequestObservation } from '../transport/api-client-types.ts';

/** What is said of a span: names, kinds, counts and codes; never an object's content. */
export type SpanAttributes = Record<string, string | number | boolean | string[]>;

/** A piece of work under way that is being traced. */
export interface Span {
  /** Id of the trace the span belongs to, 32 hexadecimal digits. */
  readonly traceId: string;
  set(attributes: SpanAttributes): void;
  /** The work has failed without throwing. */
  fail(message: string): void;
}

/**
 * What records the work of an operator as spans. The framework knows this alone, so that without tracing nothing of
 * OpenTelemetry is loaded; `startTracing()` makes one. No method throws anything of its own.
 */
export interface Tracer {
  /**
   * Runs work as a span that ends with it; what is traced within becomes its children.
   * @param root begins a trace, wherever it is called
   */
  span<T>(
    name: string,
    attributes: SpanAttributes,
    work: (span: Span) => Promise<T>,
    options?: { root?: boolean },
  ): Promise<T>;
  /** A try of a request to the API server has ended. Told where it was made; outside of any span it is not recorded. */
  request(observation: RequestObservation): void;
}

/** Runs work as a span where there is a tracer, else just runs it. @param attributes asked only where there is one */
export function traced<T>(
  tracer: Tracer | undefined,
  name: string,
  attributes: () => SpanAttributes,
  work: (span?: Span) => Promise<T>,
  options?: { root?: boolean },
): Promise<T> {
  return tracer ? tracer.span(name, attributes(), work, options) : work();
}
