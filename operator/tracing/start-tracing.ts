import { errorFields, type Logger } from '../log/logger.ts';
import type { Env, TracedService, Tracing } from './tracing.ts';

/**
 * Starts to export traces by OTLP over HTTP, as JSON, if OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set.
 * Otherwise resolves with undefined, without loading OpenTelemetry. Invalid settings are logged and disable tracing only.
 *
 * @param env variables of the process; the exporter and the resource read theirs from the process itself
 */
export async function startTracing(env: Env, service: TracedService, logger: Logger): Promise<Tracing | undefined> {
  if (!tracingEnabled(env)) return undefined;
  try {
    const { OpenTelemetry } = await import('./open-telemetry.ts');
    return new OpenTelemetry(env, service, logger);
  } catch (error) {
    logger.error('Could not start tracing, continuing without it', errorFields(error));
    return undefined;
  }
}

/** Whether the variables enable tracing. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export function tracingEnabled(env: Env): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT);
}
