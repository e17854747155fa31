import type { Tracer } from './tracer.ts';

/** Active tracing. */
export interface Tracing {
  tracer: Tracer;
  /** Exports the remaining spans. Resolves when that is done or has failed, after `deadlineMs` at the latest; never rejects. */
  stop(deadlineMs: number): Promise<void>;
}

/** The traced service, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES override it. */
export interface TracedService {
  name: string;
  version: string;
}

export type Env = Readonly<Record<string, string | undefined>>;
