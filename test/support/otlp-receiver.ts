import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A value of an attribute as OTLP writes it in JSON. */
interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  /** 64 bits: as text, or as a number where it is small. */
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values: AnyValue[] };
}

interface KeyValue {
  key: string;
  value: AnyValue;
}

/** Of https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto, the parts that are tested. */
interface ExportTraceServiceRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: {
      scope: { name: string; version: string };
      spans: {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        kind: number;
        startTimeUnixNano: string;
        endTimeUnixNano: string;
        attributes: KeyValue[];
        status: { code?: number; message?: string };
      }[];
    }[];
  }[];
}

export type Value = string | number | boolean | Value[] | undefined;

/** A span as it arrived. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  /** Microseconds since the epoch. */
  start: number;
  end: number;
  failed: boolean;
  message: string | undefined;
  attributes: Record<string, Value>;
  resource: Record<string, Value>;
}

/** What takes traces by OTLP over HTTP, as a collector or Jaeger does, and keeps them. */
export class OtlpReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  /** Every body that came, for what must not be in any. */
  readonly bodies: string[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  /** Requested paths. */
  readonly paths: string[] = [];
  connections = 0;
  /** What is answered. 200: taken, 0: nothing at all, ever. */
  status = 200;
  readonly #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    this.paths.push(`${request.method} ${request.url}`);
    this.headers.push(request.headers);
    this.bodies.push(body);
    if (this.status === 200) this.spans.push(...spansOf(JSON.parse(body)));
    if (this.status !== 0) response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
  }).on('connection', () => this.connections++);

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Spans of a name, oldest first. */
  named(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name).sort((one, other) => one.start - other.start);
  }

  childrenOf({ traceId, spanId }: ReceivedSpan): ReceivedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId && span.parentSpanId === spanId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function spansOf({ resourceSpans }: ExportTraceServiceRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        start: Number(BigInt(span.startTimeUnixNano) / 1000n),
        end: Number(BigInt(span.endTimeUnixNano) / 1000n),
        failed: span.status.code === 2,
        message: span.status.message,
        attributes: recordOf(span.attributes),
        resource: recordOf(resource.attributes),
      })),
    ),
  );
}

function recordOf(pairs: KeyValue[]): Record<string, Value> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));
}

function plain({ stringValue, boolValue, intValue, doubleValue, arrayValue }: AnyValue): Value {
  if (arrayValue) return arrayValue.values.map(plain);
  return stringValue ?? boolValue ?? doubleValue ?? (intValue === undefined ? undefined : Number(intValue));
}
