import { errorFields, type Logger } from '../log/logger.ts';
import type { Tracer } from './tracer.ts';

/** Tracing that is on. */
export interface Tracing {
  tracer: Tracer;
  /** Sends what is left. Resolves when that is done or has failed, after `deadlineMs` at the latest; never rejects. */
  stop(deadlineMs: number): Promise<void>;
}

/** Who is traced, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise. */
export interface TracedService {
  name: string;
  version: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Sends traces by OTLP over HTTP, as JSON, where the standard variables of OpenTelemetry say so:
 * OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT. Otherwise it resolves with nothing at once, and
 * OpenTelemetry is not even loaded. What is wrong with the settings is logged, and never keeps an operator from working.
 *
 * @param env variables of the process; those of the exporter and the resource are read from the process itself
 */
export async function startTracing(
  env: Environment,
  service: TracedService,
  logger: Logger,
): Promise<Tracing | undefined> {
  if (!wanted(env)) return undefined;
  try {
    const { OpenTelemetry } = await import('./open-telemetry.ts');
    return new OpenTelemetry(env, service, logger);
  } catch (error) {
    logger.error('Could not start tracing, continuing without it', errorFields(error));
    return undefined;
  }
}

/** Whether the variables ask for traces. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
export function wanted(env: Environment): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT);
}
