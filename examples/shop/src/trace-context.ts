import type { IncomingHttpHeaders } from 'node:http';

/** Headers of W3C Trace Context, https://www.w3.org/TR/trace-context/ */
export interface TraceHeaders {
  traceparent?: string;
  tracestate?: string;
}

/** Returns the trace headers of a request. */
export function traceHeadersIn({ traceparent, tracestate }: IncomingHttpHeaders): TraceHeaders {
  return {
    ...(typeof traceparent === 'string' && { traceparent }),
    ...(typeof tracestate === 'string' && { tracestate }),
  };
}

/** The caller's span. */
export interface RemoteSpan {
  traceId: string;
  spanId: string;
  traceFlags: number;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** Parses a traceparent header; undefined if it is missing or invalid. */
export function parseTraceparent(header: string | undefined): RemoteSpan | undefined {
  const [, traceId, spanId, flags = '00'] = TRACEPARENT.exec(header ?? '') ?? [];
  return traceId && spanId ? { traceId, spanId, traceFlags: Number.parseInt(flags, 16) } : undefined;
}

/** Formats a traceparent header. */
export function formatTraceparent({ traceId, spanId, traceFlags }: RemoteSpan): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, '0')}`;
}
