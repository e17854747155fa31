import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Span as ApiSpan,
  type Tracer as ApiTracer,
  diag,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { within } from '../async/within.ts';
import type { Logger } from '../log/logger.ts';
import { ThrottledLogger } from '../log/throttled-logger.ts';
import type { RequestObservation } from '../transport/api-client-types.ts';
import { samplerOf } from './sampler.ts';
import type { Span, SpanAttributes, Tracer } from './tracer.ts';
import type { Env, TracedService, Tracing } from './tracing.ts';

/** How long an error's message in a span may be, in characters. */
const MAX_MESSAGE = 1_024;

/** The current span. */
interface Current {
  span: ApiSpan;
  /** When it ended, in milliseconds since the epoch. */
  endedAt?: number;
}

/**
 * Records spans with the official OpenTelemetry SDK. They are exported in the background, dropped when there are too many, and an
 * unavailable or slow receiver delays nothing.
 *
 * Load it by `import()` only where tracing is enabled.
 */
export class OpenTelemetry implements Tracing {
  readonly tracer: Tracer;
  readonly #provider: TracerProvider;
  readonly #lost: ThrottledLogger;

  /** @throws Error that names the environment variable with an invalid value */
  constructor(env: Env, { name, version }: TracedService, logger: Logger) {
    this.#lost = new ThrottledLogger(logger, 'Could not export traces, dropping them');
    routeDiagnostics(this.#lost);
    const own = resourceFromAttributes({ 'service.name': name, 'service.version': version });
    // Later ones win.
    const resource = own.merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
    const processor = new BatchSpanProcessor({
      exporter: new OTLPTraceExporter(),
      scheduledDelayMillis: numberOf(env, 'OTEL_BSP_SCHEDULE_DELAY'),
      exportTimeoutMillis: numberOf(env, 'OTEL_BSP_EXPORT_TIMEOUT'),
      maxQueueSize: numberOf(env, 'OTEL_BSP_MAX_QUEUE_SIZE'),
      maxExportBatchSize: numberOf(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
    });
    this.#provider = new TracerProvider({ resource, sampler: samplerOf(env), spanProcessors: [processor] });
    this.tracer = new OpenTelemetryTracer(this.#provider.getTracer(name, version));
  }

  async stop(deadlineMs: number): Promise<void> {
    const sent = this.#provider
      .shutdown()
      .catch((error) => this.#lost.warn({ error: String(error?.message ?? error) }));
    if (await within(sent, deadlineMs)) return;
    this.#lost.warn({ error: `the last spans were not accepted within ${deadlineMs} ms` });
  }
}

class OpenTelemetryTracer implements Tracer {
  readonly #tracer: ApiTracer;
  readonly #current = new AsyncLocalStorage<Current>();

  constructor(tracer: ApiTracer) {
    this.#tracer = tracer;
  }

  span<T>(
    name: string,
    attributes: SpanAttributes,
    work: (span: Span) => Promise<T>,
    { root = false } = {},
  ): Promise<T> {
    const parent = root ? undefined : this.#current.getStore()?.span;
    const span = this.#tracer.startSpan(name, { attributes }, contextOf(parent));
    const current: Current = { span };
    const fail = (message: string) =>
      span.setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, MAX_MESSAGE) });
    return this.#current.run(current, async () => {
      try {
        return await work({
          traceId: span.spanContext().traceId,
          set: (more) => span.setAttributes(more),
          fail,
        });
      } catch (error) {
        span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
        fail(error instanceof Error ? error.message : String(error));
        throw error;
      } finally {
        current.endedAt = Date.now();
        span.end();
      }
    });
  }

  request({ method, verb, resource, code, durationSeconds, queuedSeconds }: RequestObservation): void {
    const current = this.#current.getStore();
    if (!current || verb === 'watch') return;
    const now = Date.now();
    const startTime = now - durationSeconds * 1000;
    // A stream opened by a run continues in that run's context; its later requests do not belong to the run.
    if (current.endedAt !== undefined && startTime > current.endedAt) return;
    const status = Number(code);
    const answered = Number.isInteger(status);
    const attributes = {
      'http.request.method': method,
      'k8s.api.verb': verb,
      'k8s.api.resource': resource,
      'k8s.api.queued_ms': Math.round(queuedSeconds * 1000),
      ...(answered && { 'http.response.status_code': status }),
      ...((!answered || status >= 400) && { 'error.type': code }),
    };
    const options = { kind: SpanKind.CLIENT, startTime, attributes };
    const span = this.#tracer.startSpan(`${verb} ${resource}`, options, contextOf(current.span));
    if (!answered || status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(now);
  }
}

function contextOf(parent: ApiSpan | undefined) {
  return parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

/** Logs the SDK's diagnostics instead of writing them to the console. */
function routeDiagnostics(lost: ThrottledLogger): void {
  const warn = (message: string, ...details: unknown[]) =>
    lost.warn({ error: [message, ...details].join(' ').slice(0, MAX_MESSAGE) });
  const nothing = () => {};
  diag.setLogger(
    { error: warn, warn, info: nothing, debug: nothing, verbose: nothing },
    { suppressOverrideMessage: true },
  );
}

function numberOf(env: Env, name: string): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`${name} is ${JSON.stringify(text)}: it must be a positive integer`);
}
