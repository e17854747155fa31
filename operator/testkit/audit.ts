import { open } from 'node:fs/promises';

/** One line of the API server's audit log (audit.k8s.io/v1 Event at level Metadata): a request and how it ended. */
export interface AuditEvent {
  auditID: string;
  level: string;
  /** ResponseStarted comes for long-running requests (watches) only; every other request has one ResponseComplete. */
  stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic';
  /** get, list, watch, create, update, patch, delete, deletecollection; for paths outside the API the HTTP method. */
  verb: string;
  requestURI: string;
  user: { username: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
  impersonatedUser?: { username: string; uid?: string; groups?: string[] };
  sourceIPs?: string[];
  userAgent?: string;
  objectRef?: {
    resource?: string;
    namespace?: string;
    name?: string;
    uid?: string;
    apiGroup?: string;
    apiVersion?: string;
    resourceVersion?: string;
    subresource?: string;
  };
  responseStatus?: { code?: number; status?: string; reason?: string; message?: string };
  /** RFC 3339, microseconds. */
  requestReceivedTimestamp: string;
  stageTimestamp: string;
  annotations?: Record<string, string>;
}

/** A moment, to ask for the requests that came later. */
export interface AuditMark {
  /** Bytes of the log that were written by then. */
  readonly offset: number;
  /** Milliseconds since 1970, by the clock that the API server uses, too. */
  readonly at: number;
}

/** The mark that every request came after. */
export const BEFORE_ALL: AuditMark = { offset: 0, at: 0 };

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** Whether a request was one that changes objects (it may have failed: see responseStatus.code). A dry run changes none. */
export function isWrite({ verb, requestURI = '' }: { verb: string; requestURI?: string }): boolean {
  return WRITES.has(verb) && !requestURI.includes('dryRun=All');
}

/** Audit policy: every request with its response's status once, at its end (watches at start and end); no health checks. */
export const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    nonResourceURLs: [/readyz*, /livez*, /healthz*]
  - level: Metadata
`;

/**
 * The events of requests that the server received after a mark. What was received before is left out even if it ended later:
 * the end of a watch, say, whose client has long stopped. A half-written last line is left for the next call.
 */
export async function readAuditLog(path: string, { offset, at }: AuditMark): Promise<AuditEvent[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    const text = bytes.toString('utf8', 0, bytes.lastIndexOf(0x0a, bytesRead - 1) + 1);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= at);
  } finally {
    await file.close();
  }
}

/** The mark of this moment. */
export async function markAuditLog(path: string): Promise<AuditMark> {
  const at = Date.now();
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    // A line of the log is far shorter than this; the end of the last whole one is in the last piece.
    const piece = Buffer.alloc(Math.min(size, 1 << 20));
    const { bytesRead } = await file.read(piece, 0, piece.length, size - piece.length);
    return { offset: size - piece.length + piece.lastIndexOf(0x0a, bytesRead - 1) + 1, at };
  } finally {
    await file.close();
  }
}
