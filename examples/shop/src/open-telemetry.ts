import { type Span as ApiSpan, type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { formatTraceparent, parseTraceparent, type TraceHeaders } from './trace-context.ts';
import type { Attributes, Span, Tracing } from './tracing.ts';

const STOP_MS = 2_000;

/** Records spans with the OpenTelemetry SDK, which reads its OTEL_ variables from the process. */
export class OpenTelemetry implements Tracing {
  readonly #provider: TracerProvider;

  constructor({ name, version }: { name: string; version: string }) {
    const own = resourceFromAttributes({ 'service.name': name, 'service.version': version });
    // Later ones win: the operator sets OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    const resource = own.merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
    const delay = Number(process.env.OTEL_BSP_SCHEDULE_DELAY) || undefined;
    const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: delay });
    this.#provider = new TracerProvider({ resource, spanProcessors: [processor] });
  }

  server(name: string, headers: TraceHeaders, attributes: Attributes): Span {
    const remote = parseTraceparent(headers.traceparent);
    const parent = remote ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true }) : ROOT_CONTEXT;
    return this.#start(name, SpanKind.SERVER, parent, remote && headers.tracestate, attributes);
  }

  async stop(): Promise<void> {
    const deadline = new Promise((resolve) => setTimeout(resolve, STOP_MS).unref());
    await Promise.race([this.#provider.shutdown().catch(() => {}), deadline]);
  }

  #start(name: string, kind: SpanKind, parent: Context, tracestate: string | undefined, attributes: Attributes): Span {
    const span: ApiSpan = this.#provider.getTracer('shop').startSpan(name, { kind, attributes }, parent);
    return {
      headers: { traceparent: formatTraceparent(span.spanContext()), ...(tracestate && { tracestate }) },
      client: (name, attributes) =>
        this.#start(name, SpanKind.CLIENT, trace.setSpan(ROOT_CONTEXT, span), tracestate, attributes),
      set: (attributes) => void span.setAttributes(attributes),
      end: (error) => {
        if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
        span.end();
      },
    };
  }
}
