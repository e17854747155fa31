import type { TraceHeaders } from './trace-context.ts';
import type { Span, Tracing } from './tracing.ts';

/** Records nothing, and passes the caller's trace on. */
const passOn: Tracing = {
  server: (_name, headers) => spanWithout(headers),
  stop: async () => {},
};

function spanWithout(headers: TraceHeaders): Span {
  return { headers, client: () => spanWithout(headers), set() {}, end() {} };
}

/**
 * Starts to export spans by OTLP over HTTP if OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set.
 * Otherwise OpenTelemetry is not even loaded.
 */
export async function startTracing(
  env: Readonly<Record<string, string | undefined>>,
  service: { name: string; version: string },
): Promise<Tracing> {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return passOn;
  const { OpenTelemetry } = await import('./open-telemetry.ts');
  return new OpenTelemetry(service);
}
